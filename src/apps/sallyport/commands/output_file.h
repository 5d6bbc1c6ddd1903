#pragma once
// A file that a command writes for its user: private, never over another one, and there under its
// name only once it is whole. Until then it is NAME.part, which a killed command leaves behind and
// everything else removes.

#include <string>
#include <string_view>

namespace sallyport::cli {

class OutputFile {
public:
    // Throws CommandFailed if `path` or its .part is there already, or can't be made.
    explicit OutputFile(std::string path);
    // Removes what was not finished.
    ~OutputFile();
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    OutputFile(OutputFile&&) = delete;
    OutputFile& operator=(OutputFile&&) = delete;

    // Throws CommandFailed (disk full, …); so does finish(), after which the file is durable and
    // has its name.
    void write(std::string_view piece);
    void finish();

private:
    [[noreturn]] void fail(int error) const;

    std::string path_;
    std::string part_;
    int file_ = -1;
};

// All of it at once, where nobody else writes: what a killed process left of it is replaced.
void write_private_file(const std::string& path, std::string_view content);

}  // namespace sallyport::cli
