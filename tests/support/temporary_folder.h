#pragma once

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sallyport::test {

// A folder of one test's own (mode 0700), gone with it.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path_ = name;
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

    [[nodiscard]] std::string operator/(std::string_view name) const {
        return (path_ / name).string();
    }

    // The path of a new file.
    std::string write(std::string_view name, std::string_view text, unsigned mode = 0600) const {
        const auto path = *this / name;
        std::ofstream(path, std::ios::binary) << text;
        if (::chmod(path.c_str(), mode) != 0) throw std::runtime_error("no chmod");
        return path;
    }

private:
    std::filesystem::path path_;
};

}  // namespace sallyport::test
