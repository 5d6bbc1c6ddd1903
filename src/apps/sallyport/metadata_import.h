#pragma once
// `sallyport authenticator-metadata import | show`: FIDO's signed list of models, carried over from
// a machine that may fetch it, taken into the store beside a running server. It counts from the
// next registration on.

#include "apps/sallyport/command.h"

#include "base/store/database.h"

#include <string>

namespace sallyport::cli {

struct MetadataImportCommand {
    std::string config_file;
    std::string source_file;
    std::string root_file;  // PEM; empty: the configured one
    std::string reason;
    bool as_json = false;
};

// Throws CommandFailed: the list is not signed under that root, is outdated, not newer than the one
// in force, or can't be read; then the one in force stays.
void import_authenticator_metadata(const MetadataImportCommand& given, const World& world);

struct MetadataShowCommand {
    std::string config_file;
    std::string model;  // AAGUID; empty: the list as a whole
    bool as_json = false;
};

// Throws CommandFailed: none was imported, or the list does not name the model.
void show_authenticator_metadata(const MetadataShowCommand& given, const World& world);

// At the start: a list whose next issue is due already may not know what is unsafe by now. It
// counts all the same.
void warn_of_outdated_metadata(store::Database& database, Time now);

}  // namespace sallyport::cli
