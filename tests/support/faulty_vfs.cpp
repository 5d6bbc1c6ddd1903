#include "tests/support/faulty_vfs.h"

#include <sqlite3.h>

#include <atomic>
#include <limits>
#include <new>
#include <stdexcept>

namespace sallyport::test {

namespace {

constexpr auto never = std::numeric_limits<std::int64_t>::max();

// What the one FaultyVfs was told. Files are called from any thread.
struct Faults {
    std::atomic<std::int64_t> room = never;
    std::atomic<std::int64_t> call_to_fail = never;
    std::atomic<std::int64_t> calls = 0;
    std::atomic<std::int64_t> syncs = 0;
    std::atomic<bool> syncs_fail = false;
    std::atomic<bool> database_syncs_fail = false;
    std::atomic<bool> reads_fail = false;
    std::atomic<bool> database_full = false;

    void mend() {
        database_full = false;
        room = never;
        call_to_fail = never;
        syncs_fail = false;
        database_syncs_fail = false;
        reads_fail = false;
    }

    // Counts a call; true if it is the one to fail.
    bool count() { return ++calls == call_to_fail.load(); }
};

Faults faults;
sqlite3_vfs* real = nullptr;
sqlite3_vfs ours;

// Lies in memory of SQLite's, with the real file behind it.
struct File {
    sqlite3_file base;
    bool watched;
    bool is_database;

    [[nodiscard]] sqlite3_file* below() {
        return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(this) + size());
    }

    static constexpr std::size_t size() { return (sizeof(File) + 15U) / 16U * 16U; }
};

File& ours_of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}

sqlite3_file* below(sqlite3_file* file) {
    return ours_of(file).below();
}

int close_file(sqlite3_file* file) {
    return below(file)->pMethods->xClose(below(file));
}

int read_file(sqlite3_file* file, void* out, int size, sqlite3_int64 at) {
    if (ours_of(file).watched && (faults.count() || faults.reads_fail)) return SQLITE_IOERR_READ;
    return below(file)->pMethods->xRead(below(file), out, size, at);
}

int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    if (ours_of(file).watched) {
        if (faults.count()) return SQLITE_IOERR_WRITE;
        if (faults.database_full && ours_of(file).is_database) return SQLITE_FULL;
        if (faults.room != never) {
            const auto left = faults.room.fetch_sub(size);
            if (left < size) {
                // As a real disk has it: what fits is written.
                if (left > 0) {
                    (void)below(file)->pMethods->xWrite(
                        below(file), bytes, static_cast<int>(left), at
                    );
                }
                return SQLITE_FULL;
            }
        }
    }
    return below(file)->pMethods->xWrite(below(file), bytes, size, at);
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
    if (ours_of(file).watched && faults.count()) return SQLITE_IOERR_TRUNCATE;
    return below(file)->pMethods->xTruncate(below(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
    if (ours_of(file).watched) {
        ++faults.syncs;
        const bool fails =
            faults.syncs_fail || (faults.database_syncs_fail && ours_of(file).is_database);
        if (faults.count() || fails) return SQLITE_IOERR_FSYNC;
    }
    return below(file)->pMethods->xSync(below(file), flags);
}

// What only passes through.
int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
    return below(file)->pMethods->xFileSize(below(file), size);
}

int lock_file(sqlite3_file* file, int level) {
    return below(file)->pMethods->xLock(below(file), level);
}

int unlock_file(sqlite3_file* file, int level) {
    return below(file)->pMethods->xUnlock(below(file), level);
}

int check_reserved_lock(sqlite3_file* file, int* out) {
    return below(file)->pMethods->xCheckReservedLock(below(file), out);
}

int control_file(sqlite3_file* file, int operation, void* argument) {
    return below(file)->pMethods->xFileControl(below(file), operation, argument);
}

int sector_size(sqlite3_file* file) {
    return below(file)->pMethods->xSectorSize(below(file));
}

int characteristics(sqlite3_file* file) {
    return below(file)->pMethods->xDeviceCharacteristics(below(file));
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
    return below(file)->pMethods->xShmMap(below(file), page, size, extend, out);
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return below(file)->pMethods->xShmLock(below(file), offset, count, flags);
}

void barrier_shared(sqlite3_file* file) {
    below(file)->pMethods->xShmBarrier(below(file));
}

int unmap_shared(sqlite3_file* file, int remove) {
    return below(file)->pMethods->xShmUnmap(below(file), remove);
}

// Version 2: without memory-mapped reading, which would pass the faults by.
const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags, int* out_flags) {
    auto* const mine = ::new (file) File{};
    const int code = real->xOpen(real, name, mine->below(), flags, out_flags);
    mine->watched = (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) != 0;
    mine->is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    // Without methods, SQLite does not close it.
    if (mine->below()->pMethods != nullptr) mine->base.pMethods = &methods;
    return code;
}

}  // namespace

FaultyVfs::FaultyVfs() {
    if (real != nullptr) throw std::logic_error("there is one FaultyVfs at a time");
    real = sqlite3_vfs_find(nullptr);
    faults.mend();
    faults.calls = 0;
    faults.syncs = 0;
    ours = *real;
    ours.zName = "sallyport-faulty";
    ours.pNext = nullptr;
    ours.szOsFile = static_cast<int>(File::size()) + real->szOsFile;
    ours.xOpen = open_file;
    sqlite3_vfs_register(&ours, 1);
}

FaultyVfs::~FaultyVfs() {
    sqlite3_vfs_unregister(&ours);
    sqlite3_vfs_register(real, 1);
    real = nullptr;
}

void FaultyVfs::fill_after(std::int64_t bytes) {
    faults.room = bytes;
}

void FaultyVfs::fill_database() {
    faults.database_full = true;
}

void FaultyVfs::fail_syncs() {
    faults.syncs_fail = true;
}

void FaultyVfs::fail_database_syncs() {
    faults.database_syncs_fail = true;
}

void FaultyVfs::fail_call(std::int64_t number) {
    faults.call_to_fail = faults.calls + number;
}

void FaultyVfs::fail_reads() {
    faults.reads_fail = true;
}

void FaultyVfs::mend() {
    faults.mend();
}

std::int64_t FaultyVfs::calls() const {
    return faults.calls;
}

std::int64_t FaultyVfs::syncs() const {
    return faults.syncs;
}

}  // namespace sallyport::test
