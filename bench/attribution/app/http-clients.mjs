// What the backend under test does with HTTP clients, ws, and clients of HTTP services. In, out: as in workloads.mjs.
// The services are stand-ins (backend.ts): they answer what the clients need to go on, and know nothing of search or storage.

import { Agent } from 'node:http';
import { called, fourTimes } from './parts.mjs';

const agentOf2 = () => new Agent({ keepAlive: true, maxSockets: 2 });

const axiosGet = async (axios, { http }) => {
  const client = axios.create({ baseURL: http.url, httpAgent: agentOf2(), proxy: false });
  return fourTimes(async (tag) => {
    await client.get(`/${tag}`); /* call */
  });
};

/** Frames that can be read: the key that the protocol wants is zero. */
const UNMASKED = { generateMask: (key) => key.fill(0) };

const s3Of = ({ S3Client }, { http }) =>
  new S3Client({
    endpoint: http.url,
    region: 'eu-west-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'work', secretAccessKey: 'work' },
    requestHandler: { httpAgent: { keepAlive: true, maxSockets: 2 } },
  });

export const HTTP_CLIENTS = {
  'axios get': { markers: 4, setup: axiosGet },
  'axios post': {
    markers: 4,
    async setup(axios, { http }) {
      const httpAgent = agentOf2();
      return fourTimes(async (tag) => {
        await axios.post(`${http.url}/post`, { tag }, { httpAgent, proxy: false }); /* call */
      });
    },
  },
  'got get': {
    markers: 4,
    async setup(got, { http }) {
      const client = (got.got ?? got).extend({ agent: { http: agentOf2() } });
      return fourTimes(async (tag) => {
        await client(`${http.url}/${tag}`); /* call */
      });
    },
  },
  'got post': {
    markers: 4,
    async setup(got, { http }) {
      const client = (got.got ?? got).extend({ agent: { http: agentOf2() } });
      return fourTimes(async (tag) => {
        await client.post(`${http.url}/post`, { json: { tag } }).json(); /* call */
      });
    },
  },
  'ws send': {
    markers: 4,
    async setup(WebSocket, { http }) {
      const socket = new WebSocket(`${http.url.replace('http', 'ws')}/socket`, UNMASKED);
      await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
      return fourTimes(async (tag) => {
        await called((done) => socket.send(`message ${tag}`, done)); /* call */
      });
    },
  },
  'elasticsearch search': {
    markers: 4,
    async setup({ Client }, { http }) {
      const client = new Client({ node: `${http.url}/elastic` });
      return fourTimes(async (tag) => {
        await client.search({ index: tag.toLowerCase(), q: tag }); /* call */
      });
    },
  },
  's3 put and get': {
    markers: 4,
    async setup(aws, servers) {
      const client = s3Of(aws, servers);
      return async (tag) => {
        for (let turn = 0; turn < 2; turn++) {
          await client.send(new aws.PutObjectCommand({ Bucket: 'work', Key: tag, Body: 'body' })); /* call */
          const get = new aws.GetObjectCommand({ Bucket: 'work', Key: tag });
          const { Body } = await client.send(get); /* call */
          await Body.transformToString();
        }
      };
    },
  },
  'dynamodb getItem': {
    markers: 4,
    async setup({ DynamoDBClient, GetItemCommand }, { http }) {
      const client = new DynamoDBClient({
        endpoint: `${http.url}/dynamodb`,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'work', secretAccessKey: 'work' },
        requestHandler: { httpAgent: { keepAlive: true, maxSockets: 2 } },
      });
      return fourTimes(async (tag) => {
        await client.send(new GetItemCommand({ TableName: 'work', Key: { tag: { S: tag } } })); /* call */
      });
    },
  },
};
