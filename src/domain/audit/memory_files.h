#pragma once
// A log's folder in memory, for tests that need many.

#include "domain/audit/log_files.h"

#include <map>
#include <string>

namespace sallyport::audit::samples {

class MemoryFiles final : public LogFiles {
public:
    void write(std::span<const LogFile> files) override {
        for (const auto& file : files) {
            files_[file.path] = file.content;
        }
    }

    [[nodiscard]] std::optional<Bytes> read(const std::string& path) const override {
        const auto found = files_.find(path);
        return found == files_.end() ? std::nullopt : std::optional(found->second);
    }

    [[nodiscard]] std::vector<std::string> names(const std::string& folder) const override {
        std::vector<std::string> names;
        const auto prefix = folder.empty() ? folder : folder + '/';
        for (const auto& [path, content] : files_) {
            if (!path.starts_with(prefix)) continue;
            const auto name = path.substr(prefix.size());
            if (name.find('/') == std::string::npos) names.push_back(name);
        }
        return names;
    }

    void remove(const std::string& path) override { files_.erase(path); }

private:
    std::map<std::string, Bytes> files_;
};

}  // namespace sallyport::audit::samples
