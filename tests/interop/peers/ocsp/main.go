// What golang.org/x/crypto/ocsp makes of a responder's answers: one line for each certificate, in the order of the arguments.
//
//	ocsp -issuer issuer.pem -url http://host:port/ocsp leaf.pem...
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/crypto/ocsp"
)

func main() {
	issuerFile := flag.String("issuer", "", "certificate of the issuer, PEM")
	url := flag.String("url", "", "the responder")
	flag.Parse()
	issuer, err := certificate(*issuerFile)
	if err != nil {
		fail(err)
	}
	for _, name := range flag.Args() {
		said, err := ask(*url, issuer, name)
		if err != nil {
			fail(err)
		}
		fmt.Println(said)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func ask(url string, issuer *x509.Certificate, name string) (string, error) {
	leaf, err := certificate(name)
	if err != nil {
		return "", err
	}
	request, err := ocsp.CreateRequest(leaf, issuer, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.Post(url, "application/ocsp-request", bytes.NewReader(request))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	// Verifies the signature, and that the issuer delegated it.
	response, err := ocsp.ParseResponseForCert(body, leaf, issuer)
	if err != nil {
		return "", err
	}
	if now := time.Now(); now.Before(response.ThisUpdate) || now.After(response.NextUpdate) {
		return "", fmt.Errorf("of another time: %v to %v", response.ThisUpdate, response.NextUpdate)
	}
	switch response.Status {
	case ocsp.Good:
		return "good", nil
	case ocsp.Revoked:
		return fmt.Sprintf("revoked %d", response.RevocationReason), nil
	default:
		return "unknown", nil
	}
}

func certificate(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	first, _ := pem.Decode(text)
	if first == nil {
		return nil, fmt.Errorf("%s: no PEM", file)
	}
	return x509.ParseCertificate(first.Bytes)
}
