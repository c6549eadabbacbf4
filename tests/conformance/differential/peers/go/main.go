// A judge of certificate chains that shares no code with the project: Go's crypto/x509. One JSON object a line in, one out.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"log"
	"os"
	"time"
)

type question struct {
	Number        int      `json:"number"`
	Leaf          []byte   `json:"leaf"`
	Intermediates [][]byte `json:"intermediates"`
	Anchor        []byte   `json:"anchor"`
	At            int64    `json:"at"`
	Purpose       string   `json:"purpose"`
	Policy        string   `json:"policy"`
	Name          string   `json:"name"`
}

type answer struct {
	Number  int    `json:"number"`
	Accepts bool   `json:"accepts"`
	Why     string `json:"why"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			log.Fatal(err)
		}
		given := answer{Number: asked.Number, Accepts: true}
		if err := verify(asked); err != nil {
			given = answer{Number: asked.Number, Why: err.Error()}
		}
		if err := encoder.Encode(given); err != nil {
			log.Fatal(err)
		}
	}
	if err := in.Err(); err != nil {
		log.Fatal(err)
	}
}

func verify(asked question) error {
	leaf, err := x509.ParseCertificate(asked.Leaf)
	if err != nil {
		return err
	}
	anchor, err := x509.ParseCertificate(asked.Anchor)
	if err != nil {
		return err
	}
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		CurrentTime:   time.Unix(asked.At, 0),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSName:       asked.Name,
	}
	if asked.Purpose == "client" {
		options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}
	if asked.Policy != "" {
		policy, err := x509.ParseOID(asked.Policy)
		if err != nil {
			return err
		}
		options.CertificatePolicies = []x509.OID{policy}
	}
	options.Roots.AddCert(anchor)
	for _, der := range asked.Intermediates {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		options.Intermediates.AddCert(certificate)
	}
	_, err = leaf.Verify(options)
	return err
}
