#include "apps/sallyport/command.h"

#include "base/core/time.h"
#include "base/crypto/crypto.h"

int main(int argc, char** argv) {
    sallyport::SystemClock clock;
    sallyport::crypto::SystemRandom random;
    return sallyport::cli::run(argc, argv, {clock, random});
}
