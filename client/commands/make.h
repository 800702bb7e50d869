#pragma once

#include <memory>

#include "client/command.h"
#include "client/session.h"

// One maker for each verb; verbs.cpp has the table of them.
namespace parc::client {

std::unique_ptr<Command> MakeAssign();
std::unique_ptr<Command> MakeBackup();
std::unique_ptr<Command> MakeCompletion();
std::unique_ptr<Command> MakeDevices();
std::unique_ptr<Command> MakeDevicesRevoke();
std::unique_ptr<Command> MakeEnrolApprove();
std::unique_ptr<Command> MakeEnrolList();
std::unique_ptr<Command> MakeEnrolNew();
std::unique_ptr<Command> MakeEnrolReject();
std::unique_ptr<Command> MakeEnrolRequests();
std::unique_ptr<Command> MakeEnrolRevoke();
std::unique_ptr<Command> MakeExport();
std::unique_ptr<Command> MakeFail();
std::unique_ptr<Command> MakeFields();
std::unique_ptr<Command> MakeForecast();
std::unique_ptr<Command> MakeForecastBacktest();
std::unique_ptr<Command> MakeForecastHistory();
std::unique_ptr<Command> MakeForecastOrder();
std::unique_ptr<Command> MakeForecastShow();
std::unique_ptr<Command> MakeFound();
std::unique_ptr<Command> MakeHistory();
std::unique_ptr<Command> MakeImport();
std::unique_ptr<Command> MakeLaptopAdd();
std::unique_ptr<Command> MakeLaptopShow();
std::unique_ptr<Command> MakeLaptopUpdate();
std::unique_ptr<Command> MakeLaptops();
std::unique_ptr<Command> MakeLogin();
std::unique_ptr<Command> MakeLogout();
std::unique_ptr<Command> MakeLose();
std::unique_ptr<Command> MakeManual();
std::unique_ptr<Command> MakeOrderCancel();
std::unique_ptr<Command> MakeOrderCreate();
std::unique_ptr<Command> MakeOrderImport();
std::unique_ptr<Command> MakeOrderPlace();
std::unique_ptr<Command> MakeOrderShow();
std::unique_ptr<Command> MakeOrders();
std::unique_ptr<Command> MakePeople();
std::unique_ptr<Command> MakePersonAdd();
std::unique_ptr<Command> MakePersonShow();
std::unique_ptr<Command> MakePersonUpdate();
std::unique_ptr<Command> MakePlanning();
std::unique_ptr<Command> MakePlanningSet();
std::unique_ptr<Command> MakePolicyApply();
std::unique_ptr<Command> MakePolicyCheck();
std::unique_ptr<Command> MakePolicyHistory();
std::unique_ptr<Command> MakePolicyPreview();
std::unique_ptr<Command> MakePolicyShow();
std::unique_ptr<Command> MakePrepare();
std::unique_ptr<Command> MakePrepared();
std::unique_ptr<Command> MakePromise();
std::unique_ptr<Command> MakeReceive();
std::unique_ptr<Command> MakeRepair();
std::unique_ptr<Command> MakeRepaired();
std::unique_ptr<Command> MakeReportFlash();
std::unique_ptr<Command> MakeRestock();
std::unique_ptr<Command> MakeRetire();
std::unique_ptr<Command> MakeReturn();
std::unique_ptr<Command> MakeShip();
std::unique_ptr<Command> MakeSites();
std::unique_ptr<Command> MakeStatus();
std::unique_ptr<Command> MakeSteal();
std::unique_ptr<Command> MakeSuppliers();
std::unique_ptr<Command> MakeSwap();
std::unique_ptr<Command> MakeTargetDrop();
std::unique_ptr<Command> MakeTargetSet();
std::unique_ptr<Command> MakeTargets();
std::unique_ptr<Command> MakeTokenList();
std::unique_ptr<Command> MakeTokenNew();
std::unique_ptr<Command> MakeTokenRevoke();
std::unique_ptr<Command> MakeUnprepare();
std::unique_ptr<Command> MakeWaiting();
std::unique_ptr<Command> MakeWhoAmI();
std::unique_ptr<Command> MakeWhy();
std::unique_ptr<Command> MakeWriteOff();

}  // namespace parc::client
