#!/usr/bin/env bash
# Microsoft.Data.Sqlite: SqliteCommand.ExecuteNonQuery runs every statement of its text, but once one of them returned a row, the error of
# a later one is told to nobody: the call returns as if all had been done. A script that begins with a PRAGMA which answers with a row, as
# journal_mode does, is such a text. Met where a store's schema is upgraded. Needs dotnet (10) and NuGet.
set -euo pipefail
version=10.0.15
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="Microsoft.Data.Sqlite" Version="$version" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using Microsoft.Data.Sqlite;

foreach (var first in new[] { "CREATE TABLE a (x)", "PRAGMA journal_mode", "SELECT 1" })
{
    using var connection = new SqliteConnection("Data Source=:memory:");
    connection.Open();
    using var command = connection.CreateCommand();
    command.CommandText = $"{first}; CREATE TABLE b (x); INSERT INTO b SELECT x FROM b; INSERT INTO b VALUES (NULL, 2)";
    string told;
    try { command.ExecuteNonQuery(); told = "no error"; } catch (SqliteException error) { told = $"SqliteException {error.SqliteErrorCode}"; }
    command.CommandText = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'b'";
    Console.WriteLine($"after \"{first}\", a later statement that fails: {told}; tables b made: {command.ExecuteScalar()}");
}
CS
seen=$(dotnet run -v q 2>&1) || { echo "$seen"; exit 1; }
echo "Microsoft.Data.Sqlite $version"
echo "$seen"
expected='after "PRAGMA journal_mode", a later statement that fails: no error; tables b made: 1'
grep -qxF "$expected" <<<"$seen" || { echo "It behaves otherwise now."; exit 1; }
