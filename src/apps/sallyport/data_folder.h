#pragma once

#include <string>

namespace sallyport::cli {

// The data folder, held for this process alone: a second `serve` on it is refused, since two
// writers of one journal would each overwrite what the other promised.
class DataFolder {
public:
    // Throws CommandFailed naming the folder: missing, open to others, or held by another process.
    explicit DataFolder(const std::string& path);
    ~DataFolder();
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;
    DataFolder(DataFolder&&) = delete;
    DataFolder& operator=(DataFolder&&) = delete;

private:
    int lock_;
};

}  // namespace sallyport::cli
