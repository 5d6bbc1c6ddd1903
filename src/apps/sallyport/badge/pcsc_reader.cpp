#include "apps/sallyport/badge/pcsc_reader.h"

#include "apps/sallyport/badge/card_answer.h"
#include "apps/sallyport/badge/piv_card.h"

#include <winscard.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

namespace sallyport::cli {

namespace {

// The pseudo reader whose state changes when readers come and go.
constexpr const char* reader_list = R"(\\?PnP?\Notification)";

// Names follow each other, each with a zero byte at its end, and one more after the last.
std::string first_with_prefix(std::string_view names, std::string_view prefix) {
    while (!names.empty() && names.front() != '\0') {
        const auto name = names.substr(0, names.find('\0'));
        if (name.starts_with(prefix)) return std::string(name);
        names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    return {};
}

Result<Bytes> transmit(SCARDHANDLE card, DWORD protocol, BytesView command) {
    Bytes answer(card_answer_max);
    DWORD size = answer.size();
    const auto* const by = protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    const auto sent = SCardTransmit(
        card,
        by,
        reinterpret_cast<LPCBYTE>(command.data()),
        command.size(),
        nullptr,
        reinterpret_cast<LPBYTE>(answer.data()),
        &size
    );
    if (sent != SCARD_S_SUCCESS) return refuse(Refusal::not_found, "card.gone");
    answer.resize(std::min<std::size_t>(size, answer.size()));
    return answer;
}

// The card on a reader, for as long as this lives.
class Connection {
public:
    Connection(SCARDCONTEXT context, const std::string& reader) {
        const auto opened = SCardConnect(
            context,
            reader.c_str(),
            SCARD_SHARE_SHARED,
            SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
            &card_,
            &protocol_
        );
        open_ = opened == SCARD_S_SUCCESS;
    }

    ~Connection() {
        if (open_) SCardDisconnect(card_, SCARD_LEAVE_CARD);
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    Connection(Connection&&) = delete;
    Connection& operator=(Connection&&) = delete;

    // Lives no longer than this.
    [[nodiscard]] Transmit sender() const {
        return [this](BytesView command) -> Result<Bytes> {
            if (!open_) return refuse(Refusal::not_found, "card.gone");
            return transmit(card_, protocol_, command);
        };
    }

private:
    SCARDHANDLE card_ = 0;
    DWORD protocol_ = 0;
    bool open_ = false;
};

Result<Bytes> uid_of(const Transmit& sender) {
    SP_TRY(const auto answer, sender(get_uid_command));
    return parse_uid_answer(answer);
}

}  // namespace

struct PcscReader::State {
    std::string wanted;
    SCARDCONTEXT context = 0;
    bool connected = false;  // to the service
    std::string reader;      // empty: none is there
    DWORD known = SCARD_STATE_UNAWARE;
    bool card_told = false;  // that a card is there

    explicit State(std::string name) : wanted(std::move(name)) {}

    ~State() { disconnect(); }

    State(const State&) = delete;
    State& operator=(const State&) = delete;
    State(State&&) = delete;
    State& operator=(State&&) = delete;

    void disconnect() {
        if (connected) SCardReleaseContext(context);
        connected = false;
        context = 0;
    }

    [[nodiscard]] std::optional<CardChange> lost() {
        known = SCARD_STATE_UNAWARE;
        card_told = false;
        if (reader.empty()) return std::nullopt;
        return CardChange{.kind = CardChange::reader_lost, .detail = std::exchange(reader, {})};
    }

    // The service has gone, or never was there.
    [[nodiscard]] std::optional<CardChange> service_lost(std::chrono::milliseconds time_max) {
        disconnect();
        if (auto told = lost()) return told;
        std::this_thread::sleep_for(time_max);
        return std::nullopt;
    }

    [[nodiscard]] std::string find_reader() const {
        std::string names;
        DWORD size = 0;
        if (SCardListReaders(context, nullptr, nullptr, &size) != SCARD_S_SUCCESS) return {};
        names.resize(size);
        if (SCardListReaders(context, nullptr, names.data(), &size) != SCARD_S_SUCCESS) return {};
        names.resize(std::min<std::size_t>(names.size(), size));
        return first_with_prefix(names, wanted);
    }

    // Until a reader comes.
    [[nodiscard]] std::optional<CardChange> wait_for_reader(std::chrono::milliseconds time_max) {
        reader = find_reader();
        if (!reader.empty()) {
            return CardChange{.kind = CardChange::reader_found, .detail = reader};
        }
        if (SCardIsValidContext(context) != SCARD_S_SUCCESS) return service_lost(time_max);
        SCARD_READERSTATE state{};
        state.szReader = reader_list;
        const auto waited =
            SCardGetStatusChange(context, static_cast<DWORD>(time_max.count()), &state, 1);
        const bool fine = waited == SCARD_S_SUCCESS || waited == SCARD_E_TIMEOUT;
        if (!fine) return service_lost(time_max);
        // Some services answer at once, although nothing came.
        if (waited == SCARD_S_SUCCESS) std::this_thread::sleep_for(time_max);
        return std::nullopt;
    }

    [[nodiscard]] CardChange read_card(std::span<const std::byte> atr) {
        card_told = true;
        const auto unreadable = [](std::string why) {
            return CardChange{.kind = CardChange::unreadable, .detail = std::move(why)};
        };
        if (const auto checked = check_atr(atr); !checked) {
            return unreadable(std::string(checked.error().reason));
        }
        const Connection card(context, reader);
        const auto sender = card.sender();
        auto uid = uid_of(sender);
        if (!uid) return unreadable(std::string(uid.error().reason));
        return CardChange{
            .kind = CardChange::placed, .uid = *std::move(uid), .has_key = is_piv_card(sender)
        };
    }

    [[nodiscard]] std::optional<CardChange> look(const SCARD_READERSTATE& state) {
        const auto now = state.dwEventState;
        known = now & ~static_cast<DWORD>(SCARD_STATE_CHANGED);
        if ((now & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0) return lost();
        const bool there = (now & SCARD_STATE_PRESENT) != 0 && (now & SCARD_STATE_MUTE) == 0;
        if (there == card_told) return std::nullopt;
        if (there) {
            const auto size = std::min<std::size_t>(state.cbAtr, sizeof state.rgbAtr);
            return read_card(std::as_bytes(std::span(state.rgbAtr).first(size)));
        }
        card_told = false;
        return CardChange{.kind = CardChange::removed};
    }
};

PcscReader::PcscReader(std::string name) : state_(std::make_unique<State>(std::move(name))) {}

PcscReader::~PcscReader() = default;

Result<CardSignature> PcscReader::sign(BytesView message) {
    const Connection card(state_->context, state_->reader);
    return sign_with_piv(card.sender(), message);
}

std::optional<CardChange> PcscReader::next(std::chrono::milliseconds time_max) {
    auto& state = *state_;
    if (!state.connected) {
        const auto established =
            SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &state.context);
        if (established != SCARD_S_SUCCESS) return state.service_lost(time_max);
        state.connected = true;
    }
    if (state.reader.empty()) return state.wait_for_reader(time_max);
    SCARD_READERSTATE watched{};
    watched.szReader = state.reader.c_str();
    watched.dwCurrentState = state.known;
    const auto waited =
        SCardGetStatusChange(state.context, static_cast<DWORD>(time_max.count()), &watched, 1);
    if (waited == SCARD_E_TIMEOUT) return std::nullopt;
    if (waited == SCARD_E_UNKNOWN_READER || waited == SCARD_E_READER_UNAVAILABLE) {
        return state.lost();
    }
    if (waited != SCARD_S_SUCCESS) return state.service_lost(time_max);
    return state.look(watched);
}

}  // namespace sallyport::cli
