// The forger presents a certificate with a key that may not belong to it: crypto/tls signs CertificateVerify with whatever key it is given.
// With a "flaw" the key may well be the right one, and what it signed is not what it should have signed.
// It reads one JSON object from standard input and prints what it saw.
//
//	{"role":"client","address":"127.0.0.1:1234","protocol":"h2","request":"base64","cert":"PEM","key":"PEM (PKCS#8)","version":"TLSv1.3"}
//	{"role":"caller"}      then a client's object a line, and prints a JSON string a line: what it saw
//	{"role":"server","cert":"PEM","key":"PEM (PKCS#8)","version":"TLSv1.2"}      prints its port, then what clients sent
package main

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

type order struct {
	Role, Address, Protocol, Cert, Key, Version, Flaw string
	Request                                           []byte
}

func main() {
	var asked order
	orders := json.NewDecoder(os.Stdin)
	must(orders.Decode(&asked))
	switch asked.Role {
	case "client":
		fmt.Print(call(asked))
	case "caller":
		for {
			var next order
			if orders.Decode(&next) != nil {
				return
			}
			must(json.NewEncoder(os.Stdout).Encode(call(next)))
		}
	default:
		serve(configOf(asked))
	}
}

func configOf(asked order) *tls.Config {
	return &tls.Config{
		Certificates:       []tls.Certificate{mismatched(asked)},
		InsecureSkipVerify: true,
		ClientAuth:         tls.RequestClientCert,
		MinVersion:         versions[asked.Version],
		MaxVersion:         versions[asked.Version],
	}
}

var versions = map[string]uint16{"TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}

// tls.X509KeyPair would compare the two; nobody has to use it.
func mismatched(asked order) tls.Certificate {
	var chain [][]byte
	for rest := []byte(asked.Cert); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		chain = append(chain, block.Bytes)
	}
	block, _ := pem.Decode([]byte(asked.Key))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	must(err)
	if asked.Flaw != "" {
		key = flawed{key.(crypto.Signer), asked.Flaw}
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key}
}

// Signs, but not as RFC 8446, 4.4.3, and RFC 5246, 7.4.8, say.
type flawed struct {
	crypto.Signer
	flaw string
}

func (key flawed) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	digest = bytes.Clone(digest)
	switch key.flaw {
	case "another handshake":
		digest[len(digest)-1] ^= 1
	case "the other role": // Ed25519 signs the text itself, and TLS 1.3 begins it with who signs
		if changed := bytes.Replace(digest, []byte("TLS 1.3, client"), []byte("TLS 1.3, server"), 1); !bytes.Equal(changed, digest) {
			digest = changed
		} else {
			digest = bytes.Replace(digest, []byte("TLS 1.3, server"), []byte("TLS 1.3, client"), 1)
		}
	case "PKCS #1 v1.5":
		options = options.HashFunc()
	case "another salt":
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: options.HashFunc()}
	}
	signature, err := key.Signer.Sign(random, digest, options)
	if err == nil && key.flaw == "one bit" {
		signature[len(signature)-1] ^= 1
	}
	return signature, err
}

func call(asked order) string {
	config := configOf(asked)
	if asked.Protocol != "bytes" {
		config.NextProtos = []string{asked.Protocol}
	}
	// The client must present it whatever the server asks for.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return &config.Certificates[0], nil
	}
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", asked.Address, config)
	if err != nil {
		return fmt.Sprintln("handshake:", err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(5 * time.Second))
	connection.Write(asked.Request)
	answer, err := io.ReadAll(io.LimitReader(connection, 1<<16))
	return fmt.Sprintf("%s\nread: %v\n", answer, err)
}

func serve(config *tls.Config) {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	must(err)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept()
		must(err)
		go func() {
			defer connection.Close()
			connection.SetDeadline(time.Now().Add(5 * time.Second))
			bytes := make([]byte, 4096)
			if n, _ := connection.Read(bytes); n > 0 {
				fmt.Printf("received %q\n", bytes[:n])
				fmt.Fprint(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
			}
		}()
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
