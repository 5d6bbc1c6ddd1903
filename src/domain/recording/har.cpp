#include "domain/recording/har.h"

#include "domain/recording/har_entry.h"

#include <utility>

namespace sallyport::recording {

using Json = nlohmann::json;

namespace {

constexpr std::size_t frame_cost = 100;  // of reading one, so that many small ones end a step too

}  // namespace

HarWriter::HarWriter(Sink sink, HarOptions options)
    : sink_(std::move(sink)),
      options_(std::move(options)),
      exchanges_([this](const HarExchange& exchange) { write(exchange); }, options_.limits) {}

void HarWriter::begin(const RecordingReader& reader) {
    const auto& info = reader.info();
    host_ = info.device;
    Json facts{
        {"connection", info.connection.text()},
        {"person", info.person},
        {"login_name", info.login_name},
        {"device", info.device},
        {"grant", info.grant},
        {"opened_at", sallyport::to_text(info.opened_at)},
        {"state", "open"},
    };
    if (const auto& manifest = reader.manifest()) {
        facts["state"] = manifest->interrupted ? "interrupted" : "sealed";
        facts["cause"] = manifest->cause;
        facts["closed_at"] = sallyport::to_text(manifest->closed_at);
        facts["root_hash"] = to_hex(reader.report().root_hash);
    }
    const Json creator{{"name", "Sallyport"}, {"version", options_.creator_version}};
    sink_(
        R"({"log":{"version":"1.2","creator":)" + dumped(creator) + R"(,"_sallyport":)" +
        dumped(facts) + R"(,"entries":[)"
    );
}

void HarWriter::add(const ReadFrame& read) {
    const auto& frame = read.frame;
    if (frame.kind != FrameKind::note) return exchanges_.add(read);
    if (notes_count_++ >= options_.notes_max) return;
    const Json note{{"at", sallyport::to_text(frame.at)}, {"note", json_of_frame(frame.payload)}};
    notes_ += (notes_.empty() ? "" : ",") + dumped(note);
}

void HarWriter::finish(const IntegrityReport& report) {
    exchanges_.finish();
    auto problems = Json::array();
    for (const auto& problem : report.problems) {
        problems.push_back({
            {"what", problem.what},
            {"file", problem.file},
            {"offset", problem.offset},
            {"frame", problem.sequence},
        });
    }
    const Json integrity{{"whole", report.whole()}, {"problems", problems}};
    sink_(R"(],"_notes":[)" + notes_);
    if (notes_count_ > options_.notes_max) {
        const Json cut{{"cut", true}, {"count", notes_count_}};
        sink_("," + dumped(cut));
    }
    sink_(R"(],"_integrity":)" + dumped(integrity) + "}}\n");
}

void HarWriter::write(const HarExchange& exchange) {
    sink_(first_ ? "\n" : ",\n");
    sink_(dumped(har_entry(exchange, host_)));
    first_ = false;
}

HarExport::HarExport(RecordingReader reader, HarOptions options)
    : reader_(std::move(reader)),
      writer_([this](std::string piece) { take(std::move(piece)); }, std::move(options)) {}

std::string HarExport::step() {
    if (!begun_) {
        writer_.begin(reader_);
        begun_ = true;
    }
    std::size_t read = 0;
    while (!done_ && read < step_bytes && piece_.size() < piece_size_enough) {
        const auto frame = reader_.next();
        if (frame) {
            writer_.add(*frame);
            read += frame->frame.payload.size() + frame_cost;
        } else {
            writer_.finish(reader_.report());
            done_ = true;
        }
    }
    return std::exchange(piece_, {});
}

void HarExport::take(std::string piece) {
    if (piece_.empty()) {
        piece_ = std::move(piece);
    } else {
        piece_ += piece;
    }
}

}  // namespace sallyport::recording
