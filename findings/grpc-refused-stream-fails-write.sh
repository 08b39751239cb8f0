#!/usr/bin/env bash
# Grpc.Net.Client: a server that refuses a client stream before it has read it makes the client's WriteAsync fail, and not always with the
# refusal: at times with CANCELLED and no detail, because the reset of the upload is seen before the status. Reading the answers afterwards
# gives the refusal every time. Whoever reports what WriteAsync threw tells "cancelled" where the server said why. Needs dotnet (10) and
# NuGet.
set -euo pipefail
version=2.85.0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk.Web">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Grpc.AspNetCore" Version="$version" />
    <Protobuf Include="probe.proto" />
  </ItemGroup>
</Project>
XML
cat >probe.proto <<'PROTO'
syntax = "proto3";
message Item { string text = 1; }
service Probe { rpc Report(stream Item) returns (stream Item); }
PROTO
cat >Program.cs <<'CS'
using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    // Refused streams are remembered for a while; too many of them would reset the connection, which is another matter.
    kestrel.Limits.Http2.MaxStreamsPerConnection = 5_000;
    kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
});
builder.Services.AddGrpc();
await using var app = builder.Build();
app.MapGrpcService<Refuses>();
await app.StartAsync();
using var channel = GrpcChannel.ForAddress(app.Urls.Single());
var client = new Probe.ProbeClient(channel);
var (writes, reads) = (new ConcurrentBag<StatusCode>(), new ConcurrentBag<StatusCode>());
await Parallel.ForAsync(0, 4_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
{
    using var call = client.Report();
    try { await call.RequestStream.WriteAsync(new Item { Text = "one" }); }
    catch (RpcException error) { writes.Add(error.StatusCode); }
    try { await call.ResponseStream.MoveNext(default); }
    catch (RpcException error) { reads.Add(error.StatusCode); }
});
Console.WriteLine($"writes that failed: {string.Join(", ", writes.Distinct().Order())}");
Console.WriteLine($"reads: {string.Join(", ", reads.Distinct().Order())}, {reads.Count}");

sealed class Refuses : Probe.ProbeBase
{
    public override Task Report(IAsyncStreamReader<Item> items, IServerStreamWriter<Item> answers, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.FailedPrecondition, "suspended"));
}
CS
seen=$(timeout 300 dotnet run -v q 2>&1) || { echo "$seen"; exit 1; }
echo "Grpc.AspNetCore and Grpc.Net.Client $version"
echo "$seen"
for expected in 'writes that failed: Cancelled, FailedPrecondition' 'reads: FailedPrecondition, 4000'; do
  grep -qxF "$expected" <<<"$seen" || { echo "It behaves otherwise now."; exit 1; }
done
