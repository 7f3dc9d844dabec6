// Node, Bun, Deno and Cloudflare Workers: what is taken can be loaded then.
