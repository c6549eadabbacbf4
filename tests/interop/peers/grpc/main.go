// A client of google.golang.org/grpc, as its documentation makes one: it calls /test.Orders/Who once, and says what came of it.
//
//	grpc -address host:port -name orders.test -roots roots.pem [-cert cert.pem -key key.pem] [-times 2]
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
)

// Text, as the server has it: no messages of Protocol Buffers.
type text struct{}

func (text) Marshal(value any) ([]byte, error) { return []byte(*value.(*string)), nil }
func (text) Unmarshal(data []byte, value any) error {
	*value.(*string) = string(data)
	return nil
}
func (text) Name() string { return "text" }

func main() {
	address := flag.String("address", "", "where the server is")
	name := flag.String("name", "", "the server's DNS name")
	roots := flag.String("roots", "", "PEM")
	cert := flag.String("cert", "", "PEM")
	key := flag.String("key", "", "PEM")
	times := flag.Int("times", 1, "how many connections, each with the sessions of those before")
	flag.Parse()
	settings, err := settings(*name, *roots, *cert, *key)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for range *times {
		fmt.Println(call(*address, settings))
	}
}

func settings(name, roots, cert, key string) (*tls.Config, error) {
	pem, err := os.ReadFile(roots)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	settings := &tls.Config{RootCAs: pool, ServerName: name, ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	if cert == "" {
		return settings, nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	settings.Certificates = []tls.Certificate{pair}
	return settings, err
}

func call(address string, settings *tls.Config) string {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(settings)))
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	asked, answer := "hello", ""
	if err := connection.Invoke(ctx, "/test.Orders/Who", &asked, &answer, grpc.ForceCodec(text{})); err != nil {
		return fmt.Sprintf("%s %s", status.Code(err), status.Convert(err).Message())
	}
	return answer
}
