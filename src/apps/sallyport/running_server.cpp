#include "apps/sallyport/running_server.h"

#include "apps/sallyport/attestation_roots.h"
#include "apps/sallyport/breach_list_file.h"
#include "apps/sallyport/listener_settings.h"
#include "apps/sallyport/mail_service.h"
#include "apps/sallyport/metadata_import.h"
#include "apps/sallyport/node_event.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/password_cost.h"
#include "apps/sallyport/place_files.h"

#include "base/core/log.h"
#include "base/keys/log_key.h"
#include "domain/audit/clock_watch.h"
#include "domain/audit/log.h"
#include "domain/authn/bootstrap.h"
#include "domain/directory/device.h"
#include "domain/recording/recordings.h"
#include "edge/api/routes.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <iostream>
#include <utility>
#include <vector>

namespace sallyport::cli {

namespace {

audit::Actor sallyport_itself(const std::string& part) {
    audit::Actor actor;
    actor.who.system = part;
    actor.where = {
        .source = "local", .channel = "system", .workstation = "unregistered", .zone = "unzoned"
    };
    return actor;
}

std::string folder(const std::string& path) {
    std::filesystem::create_directories(path);
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
}

void write_to_log(const CertificateReport& report) {
    for (const auto& text : report.errors) {
        log::error(text);
    }
    for (const auto& text : report.warnings) {
        log::warning(text);
    }
}

}  // namespace

RunningServer::RunningServer(config::Settings settings, World world)
    : settings_(std::move(settings)),
      world_(world),
      data_folder_(settings_.server.data_dir),
      keys_(keys::load_key_ring(settings_.keys.master_key)),
      database_(open_store(settings_)),
      moments_(world.clock, world.random, settings_.server.node) {
    store::migrate(*database_);
    assess_clock();
    start_policy();
    start_log();
    start_recorder();
    start_edge();
    note("sys.start", "start");
}

RunningServer::~RunningServer() {
    server_->begin_drain();
    if (!gateway_->stop()) log::warning("visits left open; they are settled at the next start");
    server_->stop();
    if (card_door_) card_door_->stop();
    note("sys.stop", "stop");
    jobs_.reset();
    card_door_.reset();
}

void RunningServer::reload_files() {
    reload_certificates();
    reload_breach_list();
    reload_place_file();
}

void RunningServer::reload_certificates() {
    try {
        tls_->reload();
        if (card_door_) card_door_->reload();
        log::info("certificates reloaded");
        warn_of_certificates();
    } catch (const Fault& fault) {
        log::error("certificates kept as they were", {{"fault", fault.what()}});
    }
}

void RunningServer::reload_breach_list() {
    try {
        breaches_.use(configured_breach_list(disk_, settings_.passphrase));
        log::info("breach list reloaded", {{"there", breaches_.list() ? "yes" : "no"}});
    } catch (const Fault& fault) {
        log::error("breach list kept as it was", {{"fault", fault.what()}});
    }
}

void RunningServer::reload_place_file() {
    try {
        auto file = configured_place_file(disk_, settings_.context);
        const bool there = file != nullptr;
        places_.use(std::move(file));
        if (there) log::info("place file reloaded");
    } catch (const Fault& fault) {
        log::error("place file kept as it was", {{"fault", fault.what()}});
    }
}

void RunningServer::tell_people() {
    const auto port = settings_.listen.https.port == 0 ? server_->tls_ports().at(0)
                                                       : settings_.server.public_port;
    constexpr std::uint16_t https_port = 443;
    auto address = "https://" + settings_.server.sign_in_host;
    if (port != https_port) address += fmt::format(":{}", port);
    std::cout << "Address: " << address << '\n';
    const auto moment = moments_.now();
    const auto code = database_->write([&](store::Tx& tx) {
        return authn::create_bootstrap_code(tx, moment, keys_);
    });
    if (code) {
        std::cout << "No account exists yet. Open the address and go to /setup, or run: "
                     "sallyport login --first-start --server "
                  << address << '\n'
                  << "One-time code: " << as_text(code->code.expose()) << '\n'
                  << "It works once, until " << to_text(code->ends_at) << ".\n";
    }
    std::cout << "Ready\n" << std::flush;
}

// Before anything is written with the present time, or anybody let in by it.
void RunningServer::assess_clock() {
    const auto highest = database_->read([](store::Tx& tx) { return audit::highest_time(tx); });
    const auto now = world_.clock.now();
    const auto state = audit::assess_clock(highest, now, audit::TimeSource::none);
    moments_.assess(state);
    if (state != ClockState::behind) return;
    log::error(
        "the clock is behind the time already recorded: nothing new starts. Mend the clock; if "
        "it is "
        "right now and was ahead before, stop the server and run sallyport clock accept",
        {{"now", to_text(now)}}
    );
}

policy::Policy RunningServer::first_policy(Time now) const {
    auto policy = policy::default_policy();
    if (!settings_.server.demo) return policy;
    return policy::with_codes_accepted(std::move(policy), now + policy::exception_max);
}

void RunningServer::start_policy() {
    const auto moment = moments_.now();
    auto in_force = database_->write([&](store::Tx& tx) {
        if (policy::list_policy_versions(tx).empty()) {
            policy::install_first_policy(tx, first_policy(moment.now), moment);
        }
        return policy::policy_in_force(tx);
    });
    policy_.emplace(in_force, world_.clock);
}

void RunningServer::start_log() {
    auto origin = settings_.audit.origin;
    auto signer = audit::LogSigner::make(origin, keys::load_log_key(settings_.keys.log_key));
    log_files_ = audit::open_log_folder(settings_.server.data_dir + "/log");
    if (!settings_.audit.anchor_dir.empty()) {
        anchor_files_ = audit::open_log_folder(settings_.audit.anchor_dir);
    }
    sequencer_.emplace(
        std::move(signer), *log_files_, anchor_files_.get(), audit::Sequencer::Settings{}
    );
    const auto status = sequencer_->start(*database_, moments_.now());
    read_only_ = status.state != audit::LogState::healthy;
    if (read_only_) {
        log::error("the audit log is not trustworthy", {{"reason", status.reason}});
        std::cerr << "The audit log does not agree with the database (" << status.reason
                  << "). Nothing may change until somebody has looked: see "
                     "docs/operations.md, audit alarm.\n";
    }
}

void RunningServer::start_recorder() {
    recording::RecorderSettings settings;
    settings.folder = recordings_folder();
    settings.reserve_bytes = settings_.recording.reserve_bytes;
    settings.segment_bytes_max = settings_.recording.segment_bytes;
    settings.on_trouble = [this](recording::Trouble trouble) {
        log::error(
            "recorder in trouble",
            {{"trouble", trouble == recording::Trouble::poisoned ? "poisoned" : "on_reserve"}}
        );
        leases_.cut_all(policy::CutCause::recorder_failed);
        note_degraded(trouble);
    };
    recorder_ = recording::open_recorder(std::move(settings), keys_, world_.random, disk_);
    const auto moment = moments_.now();
    std::size_t settled = 0;
    do {
        settled = database_->write([&](store::Tx& tx) {
            return recording::settle_recordings(tx, moment, disk_, recordings_folder());
        });
    } while (settled > 0);
}

// Not waited for: the recorder's thread has frames to settle.
void RunningServer::note_degraded(recording::Trouble trouble) {
    auto event = audit::event_by(
        sallyport_itself("recorder"), "rec.degraded", "record", "node:" + settings_.server.node
    );
    event.outcome = audit::Outcome::failed;
    event.reason =
        trouble == recording::Trouble::poisoned ? "recorder.poisoned" : "recorder.disk_reserve";
    const auto moment = moments_.now();
    const auto not_noted = [](const std::exception_ptr& failed) {
        if (failed) log::error("not in the audit log", {{"event", "rec.degraded"}});
    };
    try {
        database_->submit_write(
            [event, moment](store::Tx& tx) { audit::append(tx, moment, event); }, not_noted
        );
    } catch (const Fault&) {
        not_noted(std::current_exception());
    }
}

void RunningServer::start_edge() {
    cost_ = password_cost(settings_.password, settings_.server.data_dir);
    breaches_.use(configured_breach_list(disk_, settings_.passphrase));
    places_.use(configured_place_file(disk_, settings_.context));
    if (!breaches_.list()) {
        log::info("no breach list: see docs/operations.md, breached passphrases");
    }
    authn_.emplace(authn::make_context(keys_, cost_, "Sallyport", context_words(settings_)));
    authn_->breaches = &breaches_;
    authn_->attestation_roots = configured_attestation_roots(disk_, settings_.authenticators);
    warn_of_outdated_metadata(*database_, world_.clock.now());
    authn_->totp.drift_steps_max = settings_.totp.window;
    authn_->totp.algorithm = settings_.totp.algorithm;
    const auto& server = settings_.server;
    const api::Site site{
        server.sign_in_host,
        server.device_suffix,
        server.public_port,
        server.demo,
        card_origin(settings_.card),
        asks_responders(settings_.card)
    };
    authn_->relying_party = {.id = server.sign_in_host, .origins = {site.origin()}};
    services_.emplace(api::Services{
        .database = *database_,
        .sessions = sessions_,
        .policy = *policy_,
        .places = places_,
        .leases = leases_,
        .vault = vault_,
        .keys = keys_,
        .moments = moments_,
        .site = site,
        .listeners = own_listeners(settings_),
        .recordings_dir = recordings_folder(),
        .backups_dir = folder(server.data_dir + "/backups"),
        .database_file = settings_.store.path,
        .log_dir = server.data_dir + "/log",
        .disk = disk_,
        .read_only = read_only_,
        .repeats = authn_->repeats,
        .push =
            {.hosts = settings_.push.hosts,
             .contact = settings_.push.contact,
             .ca_file = settings_.push.ca_file},
        .sends_mail = !settings_.mail.server.empty(),
    });
    gateway_.emplace(
        gateway::Services{
            .database = *database_,
            .sessions = sessions_,
            .policy = *policy_,
            .leases = leases_,
            .vault = vault_,
            .recorder = *recorder_,
            .clock = world_.clock,
            .moments = moments_,
            .site = {server.sign_in_host, server.device_suffix, server.public_port},
            .address_rules =
                server.demo ? directory::AddressRules::demo : directory::AddressRules::strict,
            .own = own_listeners(settings_),
            .alarm = read_only_,
            .repeats = authn_->repeats,
        },
        gateway::GatewayLimits{}
    );
    hash_pool_.emplace();
    slow_pool_.emplace(http::WorkPool::Settings{.threads = 1, .queue_max = 16});
    router_.emplace(
        *services_, api::all_routes(*services_, *authn_, *hash_pool_, *slow_pool_, *gateway_)
    );
    start_server();
}

// It starts all the same: a closed door helps nobody.
void RunningServer::warn_of_certificates() {
    const auto devices = database_->read([](store::Tx& tx) { return directory::list_devices(tx); });
    std::vector<std::string> names;
    for (const auto& device : devices) {
        if (device.state != directory::DeviceState::retired) {
            names.push_back(device.name.text());
        }
    }
    const auto report =
        report_on_certificates(settings_, tls_->certificates(), names, world_.clock.now());
    write_to_log(report);
}

void RunningServer::start_server() {
    tls_ = std::make_shared<http::TlsServer>(certificate_files(settings_));
    warn_of_certificates();

    auto settings = listener_settings(settings_);
    http::Sites sites{
        .sign_in_host = settings_.server.sign_in_host,
        .sign_in = [this](http::Request request) { return router_->handle(std::move(request)); },
        .is_device_host = [this](std::string_view host) { return gateway_->is_device_host(host); },
        .device = gateway_->handler(),
    };
    if (settings_.card.listen) {
        card_door_ = std::make_unique<CardDoor>(settings_, settings, disk_, *services_, *authn_);
        write_to_log(
            report_on_card_host(settings_.card, card_door_->certificates(), world_.clock.now())
        );
    }
    server_.emplace(std::move(settings), std::move(sites), tls_);
    mail_ = mail_service(settings_, *database_, keys_, moments_, services_->site, stopping_);
    jobs_.emplace(BackgroundJobs::Parts{
        .database = *database_,
        .sequencer = *sequencer_,
        .sessions = sessions_,
        .leases = leases_,
        .gateway = *gateway_,
        .moments = moments_,
        .repeats = authn_->repeats,
        .policy = *policy_,
        .read_only = read_only_,
        .mail = mail_.get(),
        .judge_workstations = judge_workstations(),
        .stopping = stopping_,
    });
    server_->start();
    if (card_door_) card_door_->start();
}

// Nothing where no card host is: there is nothing to judge by.
std::function<void(const std::atomic<bool>&)> RunningServer::judge_workstations() {
    if (!card_door_) return {};
    return [this](const std::atomic<bool>& stopping) { card_door_->judge_workstations(stopping); };
}

void RunningServer::note(std::string_view type, const std::string& action) {
    const auto moment = moments_.now();
    const auto event = node_event(type, action, settings_, SALLYPORT_VERSION);
    try {
        database_->write([&](store::Tx& tx) { audit::append(tx, moment, event); });
    } catch (const Fault& fault) {
        log::error("not in the audit log", {{"event", std::string(type)}, {"fault", fault.what()}});
        if (type == "sys.start") throw;
    }
}

}  // namespace sallyport::cli
