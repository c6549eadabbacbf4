// A partner in Go: net/http and crypto/tls, and nothing else. The only argument names the trust anchors.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

func main() {
	anchors, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(anchors)
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		status, version, text := ask(roots, strings.Split(lines.Text(), "\t"))
		fmt.Printf("%d\t%s\t%s\n", status, version, strings.Join(strings.Fields(text), " "))
	}
}

func ask(roots *x509.CertPool, fields []string) (int, string, string) {
	version, address, host, certificate, key := fields[0], fields[1], fields[2], fields[3], fields[4]
	config := &tls.Config{RootCAs: roots}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			log.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	transport := &http.Transport{
		TLSClientConfig:   config,
		ForceAttemptHTTP2: version == "2",
		DialContext: func(ctx context.Context, network, target string) (net.Conn, error) {
			_, port, _ := net.SplitHostPort(target)
			return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
		},
	}
	defer transport.CloseIdleConnections()
	asked, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		log.Fatal(err)
	}
	if parsed, _ := url.Parse(address); parsed.Hostname() != host {
		asked.Host = host
	}
	client := &http.Client{Transport: transport, Timeout: 15 * time.Second}
	answer, err := client.Do(asked)
	if err != nil {
		return 0, "", err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", err.Error()
	}
	return answer.StatusCode, strings.TrimSuffix(strings.TrimPrefix(answer.Proto, "HTTP/"), ".0"), string(body)
}
