#!/usr/bin/env bash
# System.Threading.RateLimiting: a TokenBucketRateLimiter that was full for a while gives up to twice its TokenLimit within one period. While
# it is full it does not note when it was last replenished, so once it is emptied, the next replenishment counts the whole pause and fills
# it again at once. Whoever takes TokenLimit for "at most so many at once" must count twice. Only without AutoReplenishment, which is how
# PartitionedRateLimiter keeps many of them. Needs dotnet (10) and NuGet.
set -euo pipefail
version=10.0.0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >probe.csproj <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
  <ItemGroup><PackageReference Include="System.Threading.RateLimiting" Version="$version" /></ItemGroup>
</Project>
XML
cat >Program.cs <<'CS'
using System.Threading.RateLimiting;

// A hundred tokens, and a hundred more every four seconds: in a tenth of a second two or three come back.
var period = TimeSpan.FromSeconds(4);
int Taken(TokenBucketRateLimiter bucket)
{
    var taken = 0;
    while (true)
    {
        using var lease = bucket.AttemptAcquire(1);
        if (!lease.IsAcquired) return taken;
        taken++;
    }
}

foreach (var pause in new[] { TimeSpan.Zero, period })
{
    using var bucket = new TokenBucketRateLimiter(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 100, TokensPerPeriod = 100, ReplenishmentPeriod = period, QueueLimit = 0, AutoReplenishment = false,
    });
    for (var end = DateTime.UtcNow + pause; DateTime.UtcNow < end; Thread.Sleep(100)) bucket.TryReplenish();
    var first = Taken(bucket);
    Thread.Sleep(100);
    bucket.TryReplenish();
    var again = Taken(bucket);
    Console.WriteLine($"full for {pause.TotalSeconds} s: {first} at once, then {(again > 50 ? "as many again" : "only what a tenth of a second brings")}");
}
CS
seen=$(timeout 300 dotnet run -v q 2>&1) || { echo "$seen"; exit 1; }
echo "System.Threading.RateLimiting $version"
echo "$seen"
for expected in 'full for 0 s: 100 at once, then only what a tenth of a second brings' 'full for 4 s: 100 at once, then as many again'; do
  grep -qxF "$expected" <<<"$seen" || { echo "It behaves otherwise now."; exit 1; }
done
