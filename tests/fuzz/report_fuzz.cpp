// A report as bytes: through protobuf, the conversion of the edge and the check of its ranges.

#include "daemon/checkin/report.h"
#include "daemon/rpc/convert_facts.h"
#include "parc/v1/agent.pb.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parc::v1::CheckInRequest request;
  if (!request.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto report = parc::rpc::ReportFrom(request);
  if (!report.ok()) {
    PARC_MUST(report.status().code() == absl::StatusCode::kInvalidArgument);
    return 0;
  }
  parc::access::DeviceIdentity device;
  device.id = report->claimed_device;
  parc::checkin::CheckReport(*report, device).IgnoreError();
  return 0;
}
