#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/fleet/change.h"
#include "daemon/fleet/view.h"
#include "daemon/inventory/try.h"
#include "daemon/rpc/call.h"
#include "daemon/rpc/page_token.h"
#include "daemon/rpc/raw_service.h"
#include "daemon/rpc/worker.h"
#include "parc/v1/common.pb.h"

// What makes a method of the people server cost a function and a row in the table: the function
// translates; where it runs and what becomes of its answer is settled here.
namespace parc::rpc {

// What all handlers of the people server share.
struct People {
  PeopleParts parts;
  Worker* files = nullptr;              // for what is too long for anybody else's thread
  Worker* forecasts = nullptr;          // the same, behind everything else
  std::atomic<int> imports{0};          // whose bytes are in memory
  std::atomic<bool> previewing{false};  // a policy: one reader at most is busy with that
};

// A question under way: runs on a reader thread, over one snapshot.
struct Question {
  fleet::View& view;
  const Call& call;
  const PeopleParts& parts;

  access::Role role() const { return call.person().role; }
};

// A change under way: runs on the commit thread, inside the transaction.
struct Edit {
  fleet::Change& change;
  const Call& call;
  const PeopleParts& parts;
  // Shown in the first answer and stored nowhere, least of all among the kept replies.
  std::string secret;

  access::Role role() const { return call.person().role; }
  std::int64_t now() const { return call.now(); }
  // Passes on what access/ wants done once the change is on disk.
  void AfterCommit(access::Effect effect) {
    if (effect) change.AfterCommit(std::move(effect));
  }
  // The record as the change left it, for the answer.
  template <typename Ask>
  auto Read(Ask ask) {
    fleet::View view(change.connection());
    view.Begin(Now());
    return ask(view);
  }
  fleet::ViewContext Now() const;
};

fleet::ViewContext ViewContextOf(const Call& call, const PeopleParts& parts);

// Runs `job` on a reader thread; answers the call itself when there is no view to be had, or when
// nobody waits for the answer any more.
absl::Status SubmitQuestion(const std::shared_ptr<People>& people,
                            const std::shared_ptr<Call>& call,
                            std::function<void(fleet::View& view)> job);

// Runs `make` as a change, once for each request id. `answer` gets the bytes that `make` returned,
// now or earlier, with the secret when `make` ran just now.
using MakeChange = std::function<absl::StatusOr<std::string>(Edit& edit)>;
using AnswerChange = std::function<void(const std::string& bytes, const std::string& secret)>;
struct ChangeJob {
  std::string body_digest;
  MakeChange make;
  AnswerChange answer;
  std::size_t bytes = 1024;  // that it holds in memory while it waits
  bool urgent = false;       // takes access away: written before whatever else waits
};
absl::Status SubmitChange(const std::shared_ptr<People>& people, const std::shared_ptr<Call>& call,
                          const parc::v1::ChangeOptions& options, ChangeJob job);

std::string DigestOf(const grpc::ByteBuffer& request);

class PeopleHandlers {
 public:
  PeopleHandlers(Handlers& handlers, std::shared_ptr<People> people)
      : handlers_(handlers), people_(std::move(people)) {}

  Handlers& handlers() { return handlers_; }
  const std::shared_ptr<People>& people() { return people_; }

  // A question about the fleet.
  template <typename Request, typename Response>
  void Ask(std::string_view name,
           absl::StatusOr<Response> (*ask)(const Question& question, const Request& request)) {
    handlers_.Unary(name,
                    [people = people_, ask](const std::shared_ptr<Call>& call,
                                            const grpc::ByteBuffer& bytes) -> absl::Status {
                      auto request = std::make_shared<Request>();
                      PARC_TRY(Parse(bytes, *request));
                      return SubmitQuestion(
                          people, call, [people, call, request, ask](fleet::View& view) {
                            call->Answer(ask(Question{view, *call, people->parts}, *request));
                          });
                    });
  }

  // A change. `reveal` puts the secret into the answer, where there is one.
  template <typename Request, typename Response>
  void Change(std::string_view name,
              absl::StatusOr<Response> (*make)(Edit& edit, const Request& request),
              void (*reveal)(Response& response, const std::string& secret) = nullptr) {
    Register(name, make, reveal, &Never<Request>);
  }

  // A change that is written before whatever else waits, when `urgent` says so; always, without
  // one.
  template <typename Request, typename Response>
  void UrgentChange(std::string_view name,
                    absl::StatusOr<Response> (*make)(Edit& edit, const Request& request),
                    bool (*urgent)(const Request& request) = nullptr) {
    void (*const reveals_nothing)(Response&, const std::string&) = nullptr;
    Register(name, make, reveals_nothing, urgent != nullptr ? urgent : &Always<Request>);
  }

 private:
  template <typename Request>
  static bool Never(const Request&) {
    return false;
  }
  template <typename Request>
  static bool Always(const Request&) {
    return true;
  }

  template <typename Request, typename Response>
  void Register(std::string_view name, absl::StatusOr<Response> (*make)(Edit&, const Request&),
                void (*reveal)(Response&, const std::string&), bool (*urgent)(const Request&)) {
    handlers_.Unary(
        name,
        [people = people_, make, reveal, urgent](const std::shared_ptr<Call>& call,
                                                 const grpc::ByteBuffer& bytes) -> absl::Status {
          auto request = std::make_shared<Request>();
          PARC_TRY(Parse(bytes, *request));
          ChangeJob job;
          job.body_digest = DigestOf(bytes);
          job.urgent = urgent(*request);
          job.make = [request, make](Edit& edit) -> absl::StatusOr<std::string> {
            PARC_ASSIGN(const Response response, make(edit, *request));
            return response.SerializeAsString();
          };
          job.answer = [call, reveal](const std::string& answer, const std::string& secret) {
            Response response;
            response.ParseFromString(answer);
            if (reveal != nullptr && !secret.empty()) reveal(response, secret);
            call->Answer(response);
          };
          return SubmitChange(people, call, request->options(), std::move(job));
        });
  }

  Handlers& handlers_;
  std::shared_ptr<People> people_;
};

// What a page token of `request` is bound to, and the query that it stands for.
template <typename Request>
PageBinding BindingOf(const Call& call, const Request& request) {
  PageBinding binding;
  binding.method = call.method().name;
  if constexpr (requires { request.filter(); }) binding.filter = request.filter();
  if constexpr (requires { request.order_by(); }) binding.order_by = request.order_by();
  if constexpr (requires { request.parent(); }) binding.parent = request.parent();
  if constexpr (requires { request.moment(); }) {
    binding.moment = request.moment().SerializeAsString();
  }
  return binding;
}

absl::StatusOr<inventory::Moment> MomentOf(const parc::v1::Moment& moment);

template <typename Request>
absl::StatusOr<fleet::ListQuery> QueryOf(const Question& question, const Request& request) {
  fleet::ListQuery query;
  if constexpr (requires { request.filter(); }) query.filter = request.filter();
  if constexpr (requires { request.order_by(); }) query.order_by = request.order_by();
  if constexpr (requires { request.moment(); }) {
    PARC_ASSIGN(query.moment, MomentOf(request.moment()));
  }
  query.page_size = request.page_size();
  PARC_ASSIGN(query.cursor, OpenPageToken(question.parts.page_key,
                                          BindingOf(question.call, request), request.page_token()));
  return query;
}

// Puts what every list answers into `response`; `add(item)` puts each item.
template <typename Request, typename Item, typename Response, typename Add>
void PutPage(const Question& question, const Request& request, const fleet::Page<Item>& page,
             Response& response, Add add) {
  for (const Item& item : page.items) add(item);
  response.set_next_page_token(
      SealPageToken(question.parts.page_key, BindingOf(question.call, request), page.next_cursor));
  response.set_total_size(page.total);
  if constexpr (requires { response.set_page_size(0); }) response.set_page_size(page.page_size);
}

// One file for each service.
void RegisterLaptops(PeopleHandlers& handlers);
void RegisterPeople(PeopleHandlers& handlers);
void RegisterOrders(PeopleHandlers& handlers);
void RegisterPlanning(PeopleHandlers& handlers);
void RegisterPolicies(PeopleHandlers& handlers);
void RegisterFleet(PeopleHandlers& handlers);
void RegisterForecasts(PeopleHandlers& handlers);
void RegisterReadiness(PeopleHandlers& handlers);
void RegisterReports(PeopleHandlers& handlers);
void RegisterDevices(PeopleHandlers& handlers);
void RegisterTokens(PeopleHandlers& handlers);

}  // namespace parc::rpc
