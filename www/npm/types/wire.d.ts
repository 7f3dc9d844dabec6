// How AWS's own clients reach an embedded KMS.

/** Credentials of AWS SDK v3's shape, which the embedded KMS that made them knows, and nobody else. */
export interface AwsCredentials {
  /** Names the secret. */
  readonly accessKeyId: string;
  /** Signs requests. */
  readonly secretAccessKey: string;
  /** Only where the principal is a session. */
  readonly sessionToken?: string;
  /** There if the KMS is in storage, so that a client asks for them again; they hold for as long as this tab has the KMS. */
  readonly expiration?: Date;
}

/** What an AWS SDK v3 client takes as its `requestHandler`. */
export interface AwsRequestHandler {
  /** How the client is to write its requests. */
  readonly metadata: { readonly handlerProtocol: string };
  /** Answers a request from the embedded KMS; where it would go does not matter. */
  handle(request: AwsHttpRequest, options?: { abortSignal?: unknown }): Promise<{ response: AwsHttpResponse }>;
  /** Does nothing: there is no transport to set options of. */
  updateHttpClientConfig(key: never, value: never): void;
  /** No options. */
  httpHandlerConfigs(): Record<never, never>;
  /** Does nothing: there is no connection to close. */
  destroy(): void;
}

/** A request, as AWS SDK v3 hands it to its transport. */
export interface AwsHttpRequest {
  /** Such as `POST`. */
  method: string;
  /** Such as `/`. */
  path: string;
  /** Parameters of the address. */
  query?: Record<string, string | string[] | null> | undefined;
  /** Its headers. */
  headers: Record<string, string>;
  /** Its body: text, bytes, or what else `new Response()` takes. */
  body?: unknown;
}

/** A response, as AWS SDK v3 takes it from its transport. */
export interface AwsHttpResponse {
  /** Such as 200. */
  statusCode: number;
  /** Its headers. */
  headers: Record<string, string>;
  /** Its body. */
  body: Uint8Array;
}
