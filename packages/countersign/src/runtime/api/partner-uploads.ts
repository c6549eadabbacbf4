/** What a partner asks with openssl and curl alone: bodies are PEM, and so are the answers. */

export interface PemOperation {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
}

/** The link of an invitation, with what is known of it as its query: `invitation`, `root`, `name`, `expires`. */
export const partnerCertificate: PemOperation = {
  method: 'POST',
  path: '/v1/partners/certificates',
  summary:
    'A first certificate for a partner: the certification request in PEM, the invitation in the query, its code as the bearer token; answers the chain in PEM',
};

export const partnerRenewal: PemOperation = {
  method: 'POST',
  path: '/v1/partners/renewals',
  summary:
    'The next certificate for who presents a valid one: the certification request in PEM; answers the chain in PEM',
};

export const rootsPem: PemOperation = {
  method: 'GET',
  path: '/v1/roots/pem',
  summary: "The trust domain's root in PEM; whoever asks first compares its SHA-256 with what he was told",
};
