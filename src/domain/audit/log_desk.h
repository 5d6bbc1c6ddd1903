#pragma once
// A database, its log's folder, its anchor folder and a sequencer: what the tests of this room
// build up, tamper with and look at.

#include "tests/support/clocks.h"
#include "tests/support/databases.h"

#include "domain/audit/audit_samples.h"
#include "domain/audit/log.h"
#include "domain/audit/log_files.h"
#include "domain/audit/sequencer.h"
#include "domain/audit/verify.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace sallyport::audit::samples {

inline crypto::SigningKey key_from(unsigned char seed) {
    Bytes bytes(32, static_cast<std::byte>(seed));
    return crypto::SigningKey::from_seed(crypto::Secret::take(bytes));
}

inline LogSigner signer(unsigned char seed = 1) {
    return LogSigner::make("test.example/audit", key_from(seed));
}

class LogDesk {
public:
    explicit LogDesk(store::Database& database) : database_(database) { restart(); }

    // As a new process would, with the same files and database.
    LogStatus restart() {
        sequencer_.emplace(signer(key_), *log_, anchors_.get(), settings_);
        return sequencer_->start(database_, moments_.now());
    }

    // As if the program had found other folders at its next start.
    LogStatus restart_with(std::unique_ptr<LogFiles> log) {
        log_ = std::move(log);
        return restart();
    }

    EventId append(const Event& event) {
        clock_.advance(Duration(1000));
        return database_.write([&](store::Tx& tx) {
            return audit::append(tx, moments_.now(), event);
        });
    }

    void append_many(std::size_t count) {
        database_.write([&](store::Tx& tx) {
            for (std::size_t i = 0; i < count; ++i) {
                clock_.advance(Duration(1000));
                audit::append(
                    tx,
                    moments_.now(),
                    i % 3 == 0 ? samples::failure("person-" + std::to_string(i))
                               : samples::sign_in()
                );
            }
        });
    }

    LogStatus step() { return sequencer_->step(database_, moments_.now()); }

    LogStatus step_after(Duration wait) {
        clock_.advance(wait);
        return step();
    }

    enum class With : std::uint8_t { nothing, database, anchor, both };

    [[nodiscard]] VerifyReport verify(With what = With::both) const {
        VerifyInputs inputs;
        inputs.log = log_.get();
        inputs.trusted = signer(1).key;
        if (what == With::database || what == With::both) inputs.database = &database_;
        if (what == With::anchor || what == With::both) inputs.anchors = anchors_.get();
        return audit::verify(inputs);
    }

    // What somebody with the owner's password can do to the rows: guards off, then anything.
    void tamper(const std::string& sql) const {
        test::write_as_owner(database_, [&](store::Tx& tx) {
            if (database_.engine() == store::Engine::postgres) {
                tx.execute("ALTER TABLE audit_event DISABLE TRIGGER USER");
            } else {
                tx.execute("DROP TRIGGER IF EXISTS audit_event_numbered_once");
                tx.execute("DROP TRIGGER IF EXISTS audit_event_never_changed");
                tx.execute("DROP TRIGGER IF EXISTS audit_event_never_deleted");
                tx.execute("DROP TRIGGER IF EXISTS audit_personal_never_changed");
            }
            tx.execute(sql);
        });
    }

    // Changes the byte at `offset` of a published file.
    void flip(const std::string& path, std::size_t offset) {
        auto content = log_->read(path).value();
        content.at(offset) ^= std::byte{0x01};
        const LogFile file{path, content};
        log_->write({&file, 1});
    }

    [[nodiscard]] std::string log_path() const { return folder_.file("log"); }

    [[nodiscard]] std::string anchor_path() const { return folder_.file("anchors"); }

    void copy(const std::string& from, const std::string& to) const {
        std::filesystem::remove_all(to);
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    }

    void use_key(unsigned char seed) { key_ = seed; }

    [[nodiscard]] LogFiles& log() { return *log_; }

    [[nodiscard]] LogFiles& anchors() { return *anchors_; }

    [[nodiscard]] Sequencer& sequencer() { return *sequencer_; }

    [[nodiscard]] store::Database& database() const { return database_; }

    [[nodiscard]] test::SettableClock& clock() { return clock_; }

    [[nodiscard]] Moment now() { return moments_.now(); }

    Sequencer::Settings& settings() { return settings_; }

private:
    store::Database& database_;
    test::TemporaryFolder folder_;
    test::SettableClock clock_;
    test::ReplayedRandom random_;
    test::Moments moments_{clock_, random_};
    unsigned char key_ = 1;
    Sequencer::Settings settings_;
    std::unique_ptr<LogFiles> log_ = open_log_folder(log_path());
    std::unique_ptr<LogFiles> anchors_ = open_log_folder(anchor_path());
    std::optional<Sequencer> sequencer_;
};

inline bool has(
    const VerifyReport& report, const std::string& kind, std::optional<std::uint64_t> index
) {
    for (const auto& finding : report.findings) {
        if (finding.kind == kind && finding.index == index) return true;
    }
    return false;
}

}  // namespace sallyport::audit::samples
