#!/usr/bin/env bash
# Grpc.AspNetCore: a server that streams and passes a CancellationToken to IServerStreamWriter.WriteAsync resets the whole call when that
# token is cancelled, also when it was cancelled before. A status that the method throws afterwards never arrives: the client gets
# CANCELLED and not the reason. Whoever asks the token first, and writes only then, is heard. Met where open subscriptions end because a
# token was taken back. Needs dotnet (10) and NuGet.
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
message Asked { bool asks_first = 1; }
message Told {}
service Probe { rpc Follow(Asked) returns (stream Told); }
PROTO
cat >Program.cs <<'CS'
using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;

var builder = WebApplication.CreateBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
await using var app = builder.Build();
app.MapGrpcService<Follows>();
await app.StartAsync();
using var channel = GrpcChannel.ForAddress(app.Urls.Single());
foreach (var asksFirst in new[] { false, true })
{
    using var call = new Probe.ProbeClient(channel).Follow(new Asked { AsksFirst = asksFirst });
    try { while (await call.ResponseStream.MoveNext(default)) { } }
    catch (RpcException error) { Console.WriteLine($"{(asksFirst ? "token asked first" : "cancelled token given to WriteAsync")}: {error.StatusCode}"); }
}

sealed class Follows : Probe.ProbeBase
{
    public override async Task Follow(Asked request, IServerStreamWriter<Told> stream, ServerCallContext context)
    {
        await stream.WriteAsync(new Told());
        using var ended = new CancellationTokenSource();
        await ended.CancelAsync();
        try
        {
            if (request.AsksFirst) ended.Token.ThrowIfCancellationRequested();
            await stream.WriteAsync(new Told(), ended.Token);
        }
        catch (OperationCanceledException)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "the token was taken back"));
        }
    }
}
CS
seen=$(timeout 300 dotnet run -v q 2>&1) || { echo "$seen"; exit 1; }
echo "Grpc.AspNetCore $version"
echo "$seen"
for expected in 'cancelled token given to WriteAsync: Cancelled' 'token asked first: Unauthenticated'; do
  grep -qxF "$expected" <<<"$seen" || { echo "It behaves otherwise now."; exit 1; }
done
