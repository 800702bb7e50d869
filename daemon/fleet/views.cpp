#include "daemon/fleet/views.h"

#include "daemon/inventory/try.h"
#include "daemon/store/kept_columns.h"
#include "daemon/store/reader_pool.h"
#include "daemon/store/row_changes.h"

namespace parc::fleet {

struct Views::State {
  std::unique_ptr<store::KeptColumns> columns;
  std::unique_ptr<store::ReaderPool<View>> pool;
};

Views::Views(std::unique_ptr<State> state) : state_(std::move(state)) {}

Views::~Views() = default;

absl::StatusOr<std::unique_ptr<Views>> Views::Open(const std::filesystem::path& file, int threads,
                                                   const store::RowChanges* changes) {
  auto state = std::make_unique<State>();
  if (changes != nullptr) state->columns = std::make_unique<store::KeptColumns>(*changes);
  store::KeptColumns* columns = state->columns.get();
  PARC_ASSIGN(state->pool,
              store::ReaderPool<View>::Open(file, threads, [columns](store::Connection& db) {
                return std::make_unique<View>(db, columns);
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
