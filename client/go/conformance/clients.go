package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"assay.dev/assay"
)

// clients are those that are kept, by address and settings.
type clients map[string]*assay.Client

func (c clients) of(request *request) (*assay.Client, error) {
	key := request.Address + " " + string(request.Client)
	if client, found := c[key]; found {
		return client, nil
	}
	client, err := connect(request)
	if err == nil {
		c[key] = client
	}
	return client, err
}

func (c clients) close() {
	for key, client := range c {
		_ = client.Close()
		delete(c, key)
	}
}

func connect(request *request) (*assay.Client, error) {
	var settings struct {
		Timeout *float64 `json:"timeout"`
		Token   string   `json:"token"`
		TLS     *struct {
			CA          string `json:"ca"`
			Certificate string `json:"certificate"`
			Key         string `json:"key"`
			ServerName  string `json:"serverName"`
		} `json:"tls"`
	}
	if len(request.Client) > 0 {
		if err := json.Unmarshal(request.Client, &settings); err != nil {
			return nil, fmt.Errorf("the client's settings cannot be read: %w", err)
		}
	}
	var options []assay.Option
	if settings.Timeout != nil {
		options = append(options, assay.WithTimeout(seconds(*settings.Timeout)))
	}
	if settings.Token != "" {
		options = append(options, assay.WithToken(settings.Token))
	}
	if files := settings.TLS; files != nil {
		config, err := assay.LoadTLS(assay.TLSFiles(*files))
		if err != nil {
			return nil, err
		}
		options = append(options, assay.WithTLS(config))
	}
	address := request.Address
	if strings.Contains(address, ",") {
		address = "ipv4:" + address
	}
	return assay.NewClient(address, options...)
}
