// SPDX-License-Identifier: GPL-2.0-or-later

// A vSphere to test against: VMware's own simulator library (Debian: golang-github-vmware-govmomi-dev)
// with what it lacks: figures, pages, the rules of a real host for a reconfiguration, and a change
// version. Prints "listening PORT" once it serves, then obeys one command a line on standard input
// and answers each with "ok" or "error TEXT". Ends with its input.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"flag"
	"fmt"
	"io/ioutil"
	"log"
	"math/big"
	"net"
	"net/url"
	"os"
	"time"

	"github.com/vmware/govmomi/simulator"
)

func certificate(file string, end time.Time) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "vcsim"},
		NotBefore:             time.Now().Add(-48 * time.Hour),
		NotAfter:              end,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		IPAddresses:           []net.IP{net.ParseIP("127.0.0.1")},
		DNSNames:              []string{"localhost"},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		log.Fatal(err)
	}
	if file != "" {
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
		if err := ioutil.WriteFile(file, text, 0600); err != nil {
			log.Fatal(err)
		}
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func main() {
	kind := flag.String("model", "esx", "esx or vpx")
	machines := flag.Int("machines", 4, "virtual machines in each pool or host")
	port := flag.Int("port", 0, "0: any")
	file := flag.String("certificate", "", "file to write the certificate to")
	expired := flag.Bool("expired", false, "serve an expired certificate")
	user := flag.String("user", "user", "the one user")
	password := flag.String("password", "pass", "its password")
	changing := flag.Int("changing", 0, "machines whose figures change in each period")
	period := flag.Duration("period", time.Second, "of change")
	flag.Parse()

	log.SetOutput(ioutil.Discard)
	model := simulator.ESX()
	if *kind == "vpx" {
		model = simulator.VPX()
		model.Pool = 1
	}
	model.Machine = *machines
	defer model.Remove()
	if err := model.Create(); err != nil {
		fmt.Fprintln(os.Stderr, "vcsim:", err)
		os.Exit(1)
	}
	world := newWorld()
	model.Service.Listen = &url.URL{
		Host: fmt.Sprintf("127.0.0.1:%d", *port), User: url.UserPassword(*user, *password)}
	end := time.Now().Add(24 * time.Hour)
	if *expired {
		end = time.Now().Add(-24 * time.Hour)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(*file, end)}}
	model.Service.RegisterEndpoints = true
	server := model.Service.NewServer()
	defer server.Close()
	fmt.Printf("listening %s\n", server.URL.Port())

	if *changing > 0 {
		go world.move(*changing, *period)
	}
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		if err := world.obey(input.Text()); err != nil {
			fmt.Println("error", err)
		} else {
			fmt.Println("ok")
		}
	}
}
