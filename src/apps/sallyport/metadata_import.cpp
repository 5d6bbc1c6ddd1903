#include "apps/sallyport/metadata_import.h"

#include "apps/sallyport/attestation_roots.h"
#include "apps/sallyport/host_command.h"
#include "apps/sallyport/open_store.h"
#include "apps/sallyport/print.h"

#include "base/config/config.h"
#include "base/core/log.h"
#include "domain/audit/log.h"
#include "domain/authn/authenticator_metadata_store.h"
#include "domain/recording/disk.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport::cli {

namespace {

std::string_view remedy(std::string_view reason) {
    if (reason == "metadata.untrusted") {
        return "it is not signed by FIDO under that root: is the root the one that FIDO names, and "
               "the file as it was fetched?";
    }
    if (reason == "metadata.signature") return "it was changed after it was signed: fetch it again";
    if (reason == "metadata.outdated") return "a newer one is out: fetch that";
    if (reason == "metadata.replayed") return "it is not newer than the one in force";
    return "it is no metadata BLOB as FIDO publishes it";
}

CommandFailed refused(const std::string& file, const Refusal& why) {
    return CommandFailed(fmt::format(
        "{} was not imported: {} ({}); what was in force stays",
        file,
        remedy(why.reason),
        why.reason
    ));
}

crypto::AttestationCertificate root_in(recording::Disk& disk, const std::string& path) {
    if (path.empty()) {
        throw CommandFailed(
            "under which root is the list signed? Name its file with --root, or as "
            "authenticators.metadata_root in the configuration"
        );
    }
    auto roots = attestation_certificates(disk, "metadata root", path);
    if (roots.size() != 1) throw CommandFailed(path + " has to hold one certificate, the root's");
    return std::move(roots.front());
}

nlohmann::json facts_of(store::Tx& tx, const authn::KeptMetadata& kept) {
    const auto [models, compromised] = authn::count_models(tx);
    return {
        {"number", kept.number},
        {"next_update", to_text(kept.next_update)},
        {"models", models},
        {"compromised", compromised},
    };
}

nlohmann::json model_facts(store::Tx& tx, const std::string& text) {
    const auto model = authn::webauthn::parse_aaguid(text);
    if (!model) {
        throw CommandFailed(
            text + " is no AAGUID: 32 hexadecimal digits, as 08987058-cadc-4b81-b6e1-30de50dcbe96"
        );
    }
    const auto found = authn::metadata_of(tx, *model);
    if (found.empty()) throw CommandFailed("the list in force names no model " + text);
    return {
        {"model", text},
        {"description", found.front().description},
        {"roots", found.front().roots.size()},
        {"compromised", found.front().compromised},
    };
}

}  // namespace

void import_authenticator_metadata(const MetadataImportCommand& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    recording::PosixDisk disk;
    const auto& configured = settings->authenticators.metadata_root;
    const authn::webauthn::MetadataTrust trust{
        .root = root_in(disk, given.root_file.empty() ? configured : given.root_file)
    };
    const auto bytes =
        recording::read_file(disk, given.source_file, authn::webauthn::metadata_blob_size_max);
    const auto moment = moment_on_host(world, *settings);
    // Fetched as a file, it may end with a line feed.
    auto text = as_text(bytes);
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    const auto blob = authn::webauthn::verify_metadata_blob(as_bytes(text), trust, moment.now);
    if (!blob) throw refused(given.source_file, blob.error());

    const auto by = host_command(given.reason);
    const auto database = open_store(*settings);
    const auto kept = database->write([&](store::Tx& tx) -> Result<nlohmann::json> {
        SP_TRY(const auto taken, authn::keep_metadata(tx, moment, *blob));
        auto facts = facts_of(tx, taken);
        auto event = audit::event_by(
            by, "authenticator_metadata.imported", "import", "authenticator-metadata"
        );
        event.fields.push_back({"number", taken.number});
        event.fields.push_back({"next_update", to_text(taken.next_update)});
        event.fields.push_back({"models", facts["models"].get<std::int64_t>()});
        event.fields.push_back({"compromised", facts["compromised"].get<std::int64_t>()});
        event.fields.push_back({"digest", to_hex(crypto::sha256(bytes))});
        audit::append(tx, moment, event);
        return facts;
    });
    if (!kept) throw refused(given.source_file, kept.error());
    print_object(*kept, given.as_json);
}

void show_authenticator_metadata(const MetadataShowCommand& given, const World& world) {
    const auto settings = config::load_settings(given.config_file);
    if (!settings) throw CommandFailed(settings.error().detail);
    const auto database = open_store(*settings);
    const auto now = world.clock.now();
    const auto shown = database->read([&](store::Tx& tx) {
        const auto kept = authn::find_kept_metadata(tx);
        if (!kept) {
            throw CommandFailed(
                "no list is in force; fetch FIDO's and take it in with sallyport "
                "authenticator-metadata import"
            );
        }
        if (!given.model.empty()) return model_facts(tx, given.model);
        auto facts = facts_of(tx, *kept);
        facts["imported_at"] = to_text(kept->imported_at);
        facts["outdated"] = kept->is_outdated(now);
        return facts;
    });
    print_object(shown, given.as_json);
}

void warn_of_outdated_metadata(store::Database& database, Time now) {
    const auto kept = database.read([](store::Tx& tx) { return authn::find_kept_metadata(tx); });
    if (!kept || !kept->is_outdated(now)) return;
    log::warning(
        "FIDO's list of security key models is older than its next issue; fetch that and import it",
        {{"next_update", to_text(kept->next_update)}}
    );
}

}  // namespace sallyport::cli
