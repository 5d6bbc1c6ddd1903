#pragma once
// The files that say whose certificates are taken and which are revoked. Operators refresh lists
// while the server runs: a file that changed is read again when the next certificate is looked at.

#include "base/config/settings.h"
#include "domain/authn/certificate/certificate_trust.h"
#include "domain/recording/disk.h"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::cli {

// Thread-safe.
class CardTrustFiles {
public:
    // Throws CommandFailed naming an anchors or intermediates file that can't be used. A list that
    // can't be is told in the log, and missing: where one is demanded, nobody is let in.
    CardTrustFiles(recording::Disk& disk, config::CardSettings settings);

    [[nodiscard]] std::shared_ptr<const authn::CertificateTrust> current();

    // The lists that can't be used now, one sentence each; for `config check`.
    [[nodiscard]] std::vector<std::string> unusable_lists();

private:
    // What changes when a file is written or replaced.
    struct Stamp {
        std::filesystem::file_time_type written_at;
        std::uintmax_t size = 0;

        friend bool operator==(const Stamp&, const Stamp&) = default;
    };

    [[nodiscard]] std::vector<std::optional<Stamp>> stamps() const;
    [[nodiscard]] std::shared_ptr<const authn::CertificateTrust> read();

    recording::Disk& disk_;
    config::CardSettings settings_;
    std::mutex mutex_;
    std::vector<std::optional<Stamp>> stamps_;
    std::vector<std::string> unusable_;
    std::shared_ptr<const authn::CertificateTrust> trust_;
};

}  // namespace sallyport::cli
