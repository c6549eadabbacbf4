// A peer of mutual TLS that shares no code with the project: Go's crypto/tls and net/http, and nothing else.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

var (
	role       = flag.String("role", "", "client or server")
	address    = flag.String("address", "127.0.0.1:0", "host:port to call, or to listen on")
	serverName = flag.String("servername", "", "the name that the server's certificate must carry")
	certFile   = flag.String("cert", "", "own certificate with its chain, PEM; none where empty")
	keyFile    = flag.String("key", "", "own private key, PEM")
	rootsFile  = flag.String("roots", "", "trust anchors, PEM")
	allow      = flag.String("allow", "", "the URI name that the other side must carry; any where empty")
)

// What is said on stdout, one JSON object a line.
type line struct {
	Listening int      `json:"listening,omitempty"`
	Status    int      `json:"status,omitempty"`
	Body      string   `json:"body,omitempty"`
	Peer      []string `json:"peer,omitempty"`
	Refused   string   `json:"refused,omitempty"`
}

func say(said line) {
	text, _ := json.Marshal(said)
	fmt.Println(string(text))
}

func main() {
	flag.Parse()
	config, err := configuration()
	if err != nil {
		log.Fatal(err)
	}
	switch *role {
	case "client":
		call(config)
	case "server":
		serve(config)
	default:
		log.Fatal("role is client or server")
	}
}

func configuration() (*tls.Config, error) {
	text, err := os.ReadFile(*rootsFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, errors.New("no roots")
	}
	config := &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, ClientCAs: roots, ServerName: *serverName, VerifyConnection: verify}
	config.ClientAuth = tls.RequireAndVerifyClientCert
	if *certFile != "" {
		pair, err := tls.LoadX509KeyPair(*certFile, *keyFile)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// Runs after the chain was verified.
func verify(state tls.ConnectionState) error {
	if *allow == "" {
		return nil
	}
	for _, name := range names(state) {
		if name == *allow {
			return nil
		}
	}
	return fmt.Errorf("the peer is not %s", *allow)
}

func names(state tls.ConnectionState) []string {
	found := []string{}
	for _, uri := range state.PeerCertificates[0].URIs {
		found = append(found, uri.String())
	}
	return append(found, state.PeerCertificates[0].DNSNames...)
}

func call(config *tls.Config) {
	transport := &http.Transport{TLSClientConfig: config}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	request, err := http.NewRequest(http.MethodGet, "https://"+*address+"/", nil)
	if err != nil {
		log.Fatal(err)
	}
	// The request is for the host that the handshake names.
	request.Host = *serverName
	answer, err := client.Do(request)
	if err != nil {
		say(line{Refused: err.Error()})
		return
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		say(line{Refused: err.Error()})
		return
	}
	say(line{Status: answer.StatusCode, Body: string(body), Peer: names(*answer.TLS)})
}

// Handshakes that fail are told by net/http's log alone.
type refusals struct{}

func (refusals) Write(text []byte) (int, error) {
	say(line{Refused: strings.TrimSpace(string(text))})
	return len(text), nil
}

func serve(config *tls.Config) {
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	handler := func(response http.ResponseWriter, request *http.Request) {
		fmt.Fprintf(response, "go saw %s", strings.Join(names(*request.TLS), " "))
	}
	server := &http.Server{Handler: http.HandlerFunc(handler), TLSConfig: config, ErrorLog: log.New(refusals{}, "", 0)}
	say(line{Listening: listener.Addr().(*net.TCPAddr).Port})
	log.Fatal(server.ServeTLS(listener, "", ""))
}
