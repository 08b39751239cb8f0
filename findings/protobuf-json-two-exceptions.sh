#!/usr/bin/env bash
# Google.Protobuf for C#: JsonParser reports what it cannot read by two exceptions that are not related to each other but by
# IOException. A text that is JSON for the parser of .NET, such as half a character, gives InvalidJsonException; an unknown field or a
# wrong kind of value gives InvalidProtocolBufferException. Whoever catches only the second lets the first through.
# Met where an event from a broker is read: the message was never acknowledged. Needs dotnet (10) and NuGet.
set -euo pipefail
version=3.36.2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Google.Protobuf" Version="$version" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

foreach (var (name, json) in new[]
{
    ("half a character", "{\"name\": \"\\ud800\"}"),
    ("no JSON", "{"),
    ("an unknown field", "{\"unknown\": 1}"),
    ("a number for a message", "{\"sourceContext\": 7}"),
})
{
    string dotnet;
    try { JsonDocument.Parse(json); dotnet = "reads it"; } catch (JsonException) { dotnet = "refuses it"; }
    try { JsonParser.Default.Parse<Api>(json); Console.WriteLine($"{name}: read"); }
    catch (Exception error)
    {
        Console.WriteLine($"{name}: {error.GetType().Name}, is IOException: {error is IOException}, is InvalidProtocolBufferException: {error is InvalidProtocolBufferException}; JsonDocument {dotnet}");
    }
}
CS
seen=$(dotnet run -v q 2>&1) || { echo "$seen"; exit 1; }
echo "Google.Protobuf $version"
echo "$seen"
expected='half a character: InvalidJsonException, is IOException: True, is InvalidProtocolBufferException: False; JsonDocument reads it'
grep -qxF "$expected" <<<"$seen" || { echo "It behaves otherwise now."; exit 1; }
