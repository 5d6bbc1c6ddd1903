#pragma once
// Every byte the pump received, in the order it came, for tests that compare it with a recording.
// Each piece is written before the pump looks at it, with one write(2):
//
//     <microseconds since 1970> <http|hl7> <connection number> <size>\n<the bytes>\n

#include <cstdint>
#include <string>
#include <string_view>

namespace pump {

// Thread-safe. An empty path writes nothing.
class ByteLog {
public:
    explicit ByteLog(const std::string& path);
    ~ByteLog();
    ByteLog(const ByteLog&) = delete;
    ByteLog& operator=(const ByteLog&) = delete;
    ByteLog(ByteLog&&) = delete;
    ByteLog& operator=(ByteLog&&) = delete;

    // (Not const: it changes the file.) NOLINTNEXTLINE(readability-make-member-function-const)
    void received(std::string_view listener, std::uint64_t connection, std::string_view bytes);

private:
    int file_ = -1;
};

}  // namespace pump
