#include "daemon/fleet/views.h"

#include "daemon/inventory/try.h"
#include "daemon/store/reader_pool.h"

namespace parc::fleet {

struct Views::State {
  std::unique_ptr<store::ReaderPool<View>> pool;
};

Views::Views(std::unique_ptr<State> state) : state_(std::move(state)) {}

Views::~Views() = default;

absl::StatusOr<std::unique_ptr<Views>> Views::Open(const std::filesystem::path& file, int threads) {
  auto state = std::make_unique<State>();
  PARC_ASSIGN(state->pool, store::ReaderPool<View>::Open(file, threads, [](store::Connection& db) {
                return std::make_unique<View>(db);
              }));
  return std::unique_ptr<Views>(new Views(std::move(state)));
}

absl::Status Views::Submit(ViewContext context, Job job) {
  return state_->pool->Submit(
      [context = std::move(context), job = std::move(job)](absl::StatusOr<View*> view) {
        if (view.ok()) (*view)->Begin(context);
        job(view);
      });
}

void Views::Stop() { state_->pool->Stop(); }

}  // namespace parc::fleet
