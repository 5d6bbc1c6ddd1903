#include "apps/sallyport/rotate_log_key.h"

#include "apps/sallyport/data_folder.h"
#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"

#include "base/config/config.h"
#include "base/keys/key_file.h"
#include "base/keys/log_key.h"
#include "domain/audit/key_chain.h"
#include "domain/audit/log.h"
#include "domain/audit/log_files.h"
#include "domain/audit/log_store.h"
#include "domain/audit/sequencer.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

namespace sallyport::cli {

namespace {

class Rotation {
public:
    Rotation(const config::Settings& settings, const World& world)
        : settings_(settings),
          moment_(moment_on_host(world, settings)),
          path_(settings.keys.log_key),
          next_path_(path_ + ".next"),
          database_(open_store(settings)),
          files_(audit::open_log_folder(settings.server.data_dir + "/log")) {
        store::migrate(*database_);
        if (settings.audit.anchor_dir.empty()) return;
        anchors_ = audit::open_log_folder(settings.audit.anchor_dir);
    }

    void run(const audit::HostCommand& by) {
        const auto old = signer(path_);
        const auto chain = audit::KeyChain::read(*files_, old.key);
        if (!chain) {
            throw CommandFailed(fmt::format(
                "the key in {} is not one of this log's ({} {})",
                path_,
                chain.error().reason,
                chain.error().detail
            ));
        }
        if (chain->newest() == old.key) {
            link_new_key(old, by);
        } else {
            require_waiting(chain->newest());
        }
        const auto kept = fmt::format("{}.old-{:08x}", path_, old.key.id());
        keys::replace_key_file(path_, next_path_, kept);
        const auto size = publish_all(nullptr);
        tell(old.key, kept, size);
    }

private:
    [[nodiscard]] audit::LogSigner signer(const std::string& path) const {
        return audit::LogSigner::make(settings_.audit.origin, keys::load_log_key(path));
    }

    // The event that tells of it is under the old key's signature.
    void link_new_key(const audit::LogSigner& old, const audit::HostCommand& by) {
        // One that an interrupted try left has signed nothing.
        std::filesystem::remove(next_path_);
        keys::create_log_key(next_path_);
        const auto next = signer(next_path_);
        auto event = audit::event_by(by, "key.rotated", "rotate", "key:log");
        event.fields.push_back({"kind", std::string("log")});
        event.fields.push_back({"old_key", old.key.text()});
        event.fields.push_back({"new_key", next.key.text()});
        const auto size = publish_all(&event);
        audit::rotate_log_key(*files_, old, next, size);
    }

    // An earlier try came as far as the link.
    void require_waiting(const audit::VerifierKey& newest) const {
        if (std::filesystem::exists(next_path_) && signer(next_path_).key == newest) return;
        throw CommandFailed(fmt::format(
            "the key in {} was replaced by {}, whose file is not there as {}; put that key's file "
            "in its place from your copy of the keys",
            path_,
            newest.text(),
            next_path_
        ));
    }

    // By the configured key, and the event (null: none) with the rest. Returns the log's size.
    std::uint64_t publish_all(const audit::Event* event) {
        audit::Sequencer log(signer(path_), *files_, anchors_.get(), {});
        auto status = log.start(*database_, moment_);
        if (event != nullptr && status.state == audit::LogState::healthy) {
            database_->write([&](store::Tx& tx) { audit::append(tx, moment_, *event); });
        }
        const auto all_published = [&] {
            const auto waiting =
                database_->read([](store::Tx& tx) { return audit::has_unnumbered(tx); });
            return !waiting && status.published == status.size;
        };
        while (status.state == audit::LogState::healthy && !all_published()) {
            status = log.step(*database_, moment_);
        }
        if (status.state == audit::LogState::healthy) return status.published;
        throw CommandFailed(fmt::format(
            "the audit log does not hold ({}); see docs/operations.md, audit alarm", status.reason
        ));
    }

    void tell(const audit::VerifierKey& old, const std::string& kept, std::uint64_t size) const {
        std::cout << "The audit log is signed with a new key. Its verifier key:\n  "
                  << signer(path_).key.text() << "\nWho trusts the one before,\n  " << old.text()
                  << "\ncan go on verifying with that: it has signed the new one. The log has "
                  << size << " events.\nThe old key's file is " << kept
                  << "; Sallyport needs it no more. Destroy it and its copies, and put a copy of "
                  << path_ << " in your safe.\nNext: start the server.\n";
    }

    const config::Settings& settings_;
    Moment moment_;
    std::string path_;
    std::string next_path_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<audit::LogFiles> files_;
    std::unique_ptr<audit::LogFiles> anchors_;
};

}  // namespace

void rotate_log_key(const LogKeyRotation& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    const DataFolder held(settings->server.data_dir);
    Rotation(*settings, world).run(host_command(given.reason));
}

}  // namespace sallyport::cli
