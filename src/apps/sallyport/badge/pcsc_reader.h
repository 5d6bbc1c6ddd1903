#pragma once
// A reader of this machine, through the PC/SC service (pcscd). The service may be restarted and the
// reader unplugged while this is in use.

#include "apps/sallyport/badge/card_reader.h"

#include <memory>
#include <string>

namespace sallyport::cli {

class PcscReader final : public CardReader {
public:
    // The first reader whose name begins with `name`; empty: the first of all.
    explicit PcscReader(std::string name);
    ~PcscReader() override;
    PcscReader(const PcscReader&) = delete;
    PcscReader& operator=(const PcscReader&) = delete;
    PcscReader(PcscReader&&) = delete;
    PcscReader& operator=(PcscReader&&) = delete;

    [[nodiscard]] std::optional<CardChange> next(std::chrono::milliseconds time_max) override;
    [[nodiscard]] Result<CardSignature> sign(BytesView message) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace sallyport::cli
