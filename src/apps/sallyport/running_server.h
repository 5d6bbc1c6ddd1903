#pragma once
// The parts of the running server, built top to bottom and taken down bottom to top.

#include "apps/sallyport/background_jobs.h"
#include "apps/sallyport/card_door.h"
#include "apps/sallyport/certificate_report.h"
#include "apps/sallyport/command.h"
#include "apps/sallyport/data_folder.h"

#include "base/config/settings.h"
#include "base/keys/key_ring.h"
#include "domain/audit/sequencer.h"
#include "domain/authn/breach_check.h"
#include "domain/authn/context.h"
#include "domain/policy/places.h"
#include "domain/policy/policy_store.h"
#include "domain/recording/disk.h"
#include "domain/recording/recorder.h"
#include "edge/api/router.h"
#include "edge/gateway/http/http_gateway.h"
#include "edge/http/server.h"
#include "edge/http/tls.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::cli {

class RunningServer {
public:
    // Serves when it returns. Throws Fault or CommandFailed, naming what keeps it from starting.
    RunningServer(config::Settings settings, World world);
    // Ends the visits and lets open requests finish, within the unit's TimeoutStopSec.
    ~RunningServer();

    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    RunningServer(RunningServer&&) = delete;
    RunningServer& operator=(RunningServer&&) = delete;

    // Reads certificates, breach list and place file again; what can't be read stays as it was.
    void reload_files();

    // Address, one-time code and "Ready" go to standard output: for whoever started it, not the
    // log.
    void tell_people();

private:
    void reload_certificates();
    void reload_breach_list();
    void reload_place_file();

    void assess_clock();
    void start_policy();
    void start_log();
    void start_recorder();
    void start_edge();
    void start_server();

    [[nodiscard]] policy::Policy first_policy(Time now) const;

    [[nodiscard]] std::string recordings_folder() const { return settings_.recording.dir; }

    std::function<void(const std::atomic<bool>&)> judge_workstations();
    void warn_of_certificates();
    void note(std::string_view type, const std::string& action);
    void note_degraded(recording::Trouble trouble);

    config::Settings settings_;
    World world_;
    DataFolder data_folder_;
    keys::KeyRing keys_;
    std::unique_ptr<store::Database> database_;
    MomentSource moments_;
    std::atomic<bool> read_only_{false};
    std::atomic<bool> stopping_{false};
    session::SessionCache sessions_;
    policy::Leases leases_;
    std::optional<policy::CurrentPolicy> policy_;
    vault::Vault vault_{keys_};
    std::unique_ptr<audit::LogFiles> log_files_;
    std::unique_ptr<audit::LogFiles> anchor_files_;
    std::optional<audit::Sequencer> sequencer_;
    recording::PosixDisk disk_;
    std::unique_ptr<recording::Recorder> recorder_;
    crypto::PasswordCost cost_;
    authn::BreachCheck breaches_;
    policy::Places places_;
    std::optional<authn::Context> authn_;
    std::optional<api::Services> services_;
    std::optional<gateway::HttpGateway> gateway_;
    std::optional<api::Router> router_;
    // After what their work uses, so that they are drained before it goes.
    std::optional<http::WorkPool> hash_pool_;
    std::optional<http::WorkPool> slow_pool_;
    std::shared_ptr<http::TlsServer> tls_;
    std::optional<http::Server> server_;
    std::unique_ptr<CardDoor> card_door_;
    std::unique_ptr<mail::MailSender> mail_;
    std::optional<BackgroundJobs> jobs_;
};

}  // namespace sallyport::cli
