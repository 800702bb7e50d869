#pragma once

#include <memory>

#include "daemon/access/devices.h"
#include "daemon/rpc/peer.h"
#include "grpcpp/impl/service_type.h"

// What the program parcd-bench (tests/bench) has besides, and parcd has not: yardstick_test.py
// looks.
namespace parc::rpc {

// A service of the agent port that does nothing, as cheaply as gRPC's callback API can: no
// identity, no log line, no counter. Check-ins are measured against it.
//   /parc.bench.v1.Yardstick/Nothing  takes any bytes, answers none
//   /parc.bench.v1.Yardstick/Syncs    answers how often this process has called fsync and
//                                     fdatasync, in decimal digits
std::unique_ptr<grpc::Service> MakeYardstick();

// `identify`, and then the device that the metadata `parc-bench-device` names in the place of the
// one whose certificate it is: 256 connections speak for 1,000,000 laptops, whose handshakes would
// drown what is to be measured.
Identify SpeakForOthers(Identify identify, const access::Devices& devices);

}  // namespace parc::rpc
