// A client of Parc that shares nothing with it but the .proto files: asks for health, lists every laptop page by page,
// and asks for one that is not there. Prints one JSON object.
//
//   node client.js PROTO_ROOT HOST:PORT ROOT_PEM TOKEN_FILE
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

import grpc from '@grpc/grpc-js'
import loader from '@grpc/proto-loader'

const protobuf = createRequire(import.meta.url)('protobufjs')

const [root, target, rootPem, tokenFile] = process.argv.slice(2)
const includeDirs = [join(root, 'third_party'), root]
const files = ['parc/v1/laptops.proto', 'grpc/health/v1/health.proto']
const api = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs, enums: String, defaults: true }))

const credentials = grpc.credentials.createSsl(readFileSync(rootPem))
const metadata = new grpc.Metadata()
metadata.set('authorization', `Bearer ${readFileSync(tokenFile, 'utf8').trim()}`)

const laptops = new api.parc.v1.LaptopService(target, credentials)
const health = new api.grpc.health.v1.Health(target, credentials)

const call = (client, method, request) =>
  new Promise((resolve, reject) => {
    const deadline = new Date(Date.now() + 10_000)
    client[method](request, metadata, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)))
  })

// The ErrorInfo that every refusal of Parc carries.
function errorInfo(error) {
  const types = new protobuf.Root()
  types.resolvePath = (_, path) =>
    path.startsWith('google/rpc/') ? join(root, 'third_party', path) : protobuf.util.path.resolve('', path)
  types.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'])
  const status = types.lookupType('google.rpc.Status').decode(error.metadata.get('grpc-status-details-bin')[0])
  const detail = status.details.find((any) => any.type_url.endsWith('/google.rpc.ErrorInfo'))
  return types.lookupType('google.rpc.ErrorInfo').decode(detail.value)
}

const seen = []
let pages = 0
for (let token = ''; ; ) {
  const page = await call(laptops, 'ListLaptops', { pageSize: 3, pageToken: token })
  seen.push(...page.laptops.map((laptop) => laptop.assetTag))
  pages += 1
  token = page.nextPageToken
  if (!token) break
}

const refusal = await call(laptops, 'GetLaptop', { name: 'laptops/NOBODYS' }).catch((error) => {
  const { reason, domain } = errorInfo(error)
  return { code: error.code, reason, domain }
})

const { status } = await call(health, 'Check', {})
console.log(JSON.stringify({ health: status, laptops: seen, pages, refusal }))
laptops.close()
health.close()
