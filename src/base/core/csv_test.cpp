#include "base/core/csv.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

namespace {

using Table = std::vector<std::vector<std::string>>;

Table table(std::string_view text) {
    const auto rows = parse_csv(text);
    REQUIRE(rows.has_value());
    Table out;
    for (const auto& row : *rows) {
        auto& line = out.emplace_back();
        for (const auto& cell : row.cells) {
            line.push_back(cell.text);
        }
    }
    return out;
}

std::string problem(std::string_view text, const CsvLimits& limits = {}) {
    const auto rows = parse_csv(text, limits);
    REQUIRE_FALSE(rows.has_value());
    CHECK(rows.error().reason == "csv.malformed");
    return rows.error().detail;
}

TEST_CASE("rows and cells are read as spreadsheets write them (RFC 4180 §2)") {
    CHECK(table("a,b\r\nc,d\r\n") == Table{{"a", "b"}, {"c", "d"}});
    CHECK(table("a,b\nc,d") == Table{{"a", "b"}, {"c", "d"}});
    CHECK(
        table("\xEF\xBB\xBFname;ward\r\npump-1;ICU 2\r\n") ==
        Table{{"name", "ward"}, {"pump-1", "ICU 2"}}
    );
    CHECK(table("\"a;b\",c\n") == Table{{"a;b", "c"}});
    CHECK(table("\"a,b\";c;\n") == Table{{"a,b", "c", ""}});
    CHECK(table("\"say \"\"no\"\"\",\"two\r\nlines\"\n") == Table{{"say \"no\"", "two\r\nlines"}});
    CHECK(table(" a , \" b \" ,\tc\t\n") == Table{{"a", " b ", "c"}});
    CHECK(table("a,,\n,,\n") == Table{{"a", "", ""}, {"", "", ""}});
    CHECK(table("\n\r\n  \na\n\n") == Table{{"a"}});
    CHECK(table("").empty());
    CHECK(table("a\rb\n") == Table{{"a\rb"}});
}

TEST_CASE("every cell knows where it stands") {
    const auto rows = parse_csv("a,bb,\"c\"\n\n\"x\ny\",z\n");
    REQUIRE(rows.has_value());
    REQUIRE(rows->size() == 2);
    CHECK(rows->at(0).line == 1);
    CHECK(rows->at(0).cells[2].column == 6);
    CHECK(rows->at(1).line == 3);
    CHECK(rows->at(1).cells[1].column == 4);
}

TEST_CASE("what is no table is refused, with line and column") {
    CHECK(
        problem("a\nb\"c\n") ==
        "line 2, column 2: a quote inside a cell that does not begin with one"
    );
    CHECK(problem("a,\"b\"c\n") == "line 1, column 6: something behind a closing quote");
    CHECK(problem("a\nb,\"c\nd") == "line 2, column 3: a quote that is never closed");
    CHECK(problem("a,\xFF\n") == "line 1, column 3: no text (UTF-8)");
    CHECK(problem(std::string_view("a,b\0c\n", 6)) == "line 1, column 3: no text (UTF-8)");
    const CsvLimits small{.bytes_max = 20, .rows_max = 2, .cells_max = 3, .cell_size_max = 4};
    CHECK(problem(std::string(21, 'a'), small) == "more than 20 bytes");
    CHECK(problem("a\nb\nc\n", small) == "line 3, column 1: more than 2 rows");
    CHECK(problem("a,b,c,d\n", small) == "line 1, column 7: more than 3 cells");
    CHECK(problem("a,bcdef\n", small) == "line 1, column 3: a cell of more than 4 bytes");
    CHECK(parse_csv("a,b,c\nd,efgh\n", small).has_value());
}

TEST_CASE("whatever is written quoted is read as it was") {
    rc::check([](const std::vector<std::vector<std::string>>& given) {
        Table wanted;
        std::string text;
        for (const auto& row : given) {
            auto& line = wanted.emplace_back();
            for (const auto& any : row) {
                std::string cell = "x";  // neither empty nor anything but ASCII
                for (const char c : any) {
                    cell += static_cast<char>(1 + (static_cast<unsigned char>(c) % 126));
                }
                text += line.empty() ? "\"" : ",\"";
                for (const char c : cell) {
                    text += c == '"' ? std::string("\"\"") : std::string(1, c);
                }
                text += '"';
                line.push_back(std::move(cell));
            }
            text += "\n";
            if (line.empty()) wanted.pop_back();
        }
        CsvLimits limits;
        limits.cells_max = 1'000;
        const auto rows = parse_csv(text, limits);
        RC_ASSERT(rows.has_value());
        RC_ASSERT(rows->size() == wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            RC_ASSERT(rows->at(i).cells.size() == wanted[i].size());
            for (std::size_t j = 0; j < wanted[i].size(); ++j) {
                RC_ASSERT(rows->at(i).cells[j].text == wanted[i][j]);
            }
        }
    });
}

}  // namespace

}  // namespace sallyport
