#include "daemon/forecast/forecast.h"
#include "daemon/forecast/result.h"

namespace parc::forecast {

std::string_view ToString(Bottleneck bottleneck) {
  switch (bottleneck) {
    case Bottleneck::kNone:
      return "NONE";
    case Bottleneck::kSupply:
      return "SUPPLY";
    case Bottleneck::kPreparation:
      return "PREPARATION";
  }
  return "";
}

std::string_view ToString(BindingCause cause) {
  switch (cause) {
    case BindingCause::kNone:
      return "NONE";
    case BindingCause::kLeadTime:
      return "LEAD_TIME";
    case BindingCause::kPreparation:
      return "PREPARATION";
    case BindingCause::kQuantity:
      return "QUANTITY";
  }
  return "";
}

std::string_view ToString(WarningCode code) {
  switch (code) {
    case WarningCode::kThinHistory:
      return "THIN_HISTORY";
    case WarningCode::kSupplierUnseen:
      return "SUPPLIER_UNSEEN";
    case WarningCode::kSupplierPooled:
      return "SUPPLIER_POOLED";
    case WarningCode::kStalePromise:
      return "STALE_PROMISE";
    case WarningCode::kRegimeChange:
      return "REGIME_CHANGE";
    case WarningCode::kNoCapacitySet:
      return "NO_CAPACITY_SET";
    case WarningCode::kRecordsTooShort:
      return "RECORDS_TOO_SHORT";
    case WarningCode::kOpenOrdersLessThanGap:
      return "OPEN_ORDERS_LESS_THAN_GAP";
    case WarningCode::kBacktestUndercovers:
      return "BACKTEST_UNDERCOVERS";
    case WarningCode::kNobodyInNeed:
      return "NOBODY_IN_NEED";
    case WarningCode::kTargetInThePast:
      return "TARGET_IN_THE_PAST";
    case WarningCode::kTargetReached:
      return "TARGET_REACHED";
    case WarningCode::kTargetFarAhead:
      return "TARGET_FAR_AHEAD";
    case WarningCode::kNoOpenOrder:
      return "NO_OPEN_ORDER";
    case WarningCode::kAllCancelled:
      return "ALL_CANCELLED";
    case WarningCode::kPromiseBeforeOrder:
      return "PROMISE_BEFORE_ORDER";
    case WarningCode::kOverDelivered:
      return "OVER_DELIVERED";
  }
  return "";
}

}  // namespace parc::forecast
