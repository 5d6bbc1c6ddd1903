#!/usr/bin/env bash
# openssl_ca.sh FOLDER make|revoke|answer: a small CA of the openssl command alone.
#   make    root.pem, leaf.pem (client authentication), responder.pem (OCSP), crl.pem
#   revoke  the leaf, with a new crl.pem
#   answer  response.der to request.der, signed by the responder
set -euo pipefail
cd "$1"

configure() {
    cat >ca.conf <<'CONF'
[ca]
default_ca = one
[one]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = root.pem
private_key = root.key
default_md = sha256
default_days = 30
default_crl_days = 1
policy = any
crl_extensions = crl
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
subjectAltName = email:anna@hospital.test
[responder]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[crl]
authorityKeyIdentifier = keyid:always
CONF
    touch index.txt
    echo 1000 >serial
    echo 01 >crlnumber
}

key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
}

issue() {
    key "$1"
    openssl req -config ca.conf -new -key "$1.key" -subj "/CN=$1" -out "$1.csr"
    openssl ca -config ca.conf -batch -notext -extensions "$1" -in "$1.csr" -out "$1.pem"
}

step() {
    case $1 in
    make)
        configure
        key root
        openssl req -config ca.conf -x509 -new -key root.key -subj "/CN=Stranger Root" -days 60 \
            -extensions root -out root.pem
        issue leaf
        issue responder
        openssl ca -config ca.conf -gencrl -out crl.pem
        ;;
    revoke)
        openssl ca -config ca.conf -revoke leaf.pem -crl_reason keyCompromise
        openssl ca -config ca.conf -gencrl -out crl.pem
        ;;
    answer)
        openssl ocsp -index index.txt -CA root.pem -rsigner responder.pem -rkey responder.key \
            -reqin request.der -respout response.der -nmin 5
        ;;
    esac
}

step "$2" >log 2>&1 || { cat log >&2; exit 1; }
