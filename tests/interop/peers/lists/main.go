// What Go's crypto/x509 reads in a revocation list about certificates: one line for each, in the order of the arguments.
//
//	lists -issuer issuer.pem -list list.pem leaf.pem...
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	issuerFile := flag.String("issuer", "", "certificate of the issuer, PEM")
	listFile := flag.String("list", "", "lists, PEM; the first is read")
	flag.Parse()
	if err := judge(*issuerFile, *listFile, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func judge(issuerFile, listFile string, leaves []string) error {
	issuer, err := certificate(issuerFile)
	if err != nil {
		return err
	}
	der, err := block(listFile)
	if err != nil {
		return err
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		return err
	}
	if err := list.CheckSignatureFrom(issuer); err != nil {
		return err
	}
	now := time.Now()
	if now.Before(list.ThisUpdate) || now.After(list.NextUpdate) {
		return fmt.Errorf("the list is of another time: %v to %v", list.ThisUpdate, list.NextUpdate)
	}
	for _, name := range leaves {
		leaf, err := certificate(name)
		if err != nil {
			return err
		}
		fmt.Println(status(list, leaf))
	}
	return nil
}

// Go finds no entry by itself: this is the loop that its documentation leaves to the caller.
func status(list *x509.RevocationList, leaf *x509.Certificate) string {
	if !bytes.Equal(list.RawIssuer, leaf.RawIssuer) {
		return "another issuer"
	}
	for _, entry := range list.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
			return fmt.Sprintf("revoked %d", entry.ReasonCode)
		}
	}
	return "good"
}

func certificate(file string) (*x509.Certificate, error) {
	der, err := block(file)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func block(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	first, _ := pem.Decode(text)
	if first == nil {
		return nil, fmt.Errorf("%s: no PEM", file)
	}
	return first.Bytes, nil
}
