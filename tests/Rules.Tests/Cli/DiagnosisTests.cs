using BeschutWerk.Cli;
using BeschutWerk.Cli.Doctor;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.WellKnownTypes;

namespace BeschutWerk.Rules.Tests.CliRules;

/// <summary>What the doctor makes of what can be seen of a service.</summary>
public sealed class DiagnosisTests
{
    private static readonly DateTimeOffset Now = new(2018, 6, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly Uri Address = new("http://localhost:5102");

    [Fact]
    public void What_is_as_it_should_be_is_no_finding()
    {
        var status = Well();
        // Just being applied, just being published, just as much as a clock may be off.
        status.Behind.Add(new BehindSource { Service = "municipalities", Origin = "GM0363" });
        (status.Broker.Waiting, status.Broker.WaitingSince) = (3, Ago(Diagnosis.LongestWait));
        Assert.Empty(Diagnosis.Of([Seen(status) with { Skew = Diagnosis.MostSkew }]));
    }

    [Fact]
    public void Everything_wrong_has_its_code_its_cause_and_its_remedy()
    {
        var status = Well();
        status.FreeBytes = Diagnosis.LeastFree - 1;
        status.Broker.Fault = "Connection refused.";
        (status.Broker.Waiting, status.Broker.WaitingSince) = (3, Ago(TimeSpan.FromMinutes(62)));
        status.Behind.Add(Held("municipalities", "GM0363", "SERVICE_UNREACHABLE", seconds: 90));
        status.Behind.Add(Held("municipalities", "GM0344", "SERVICE_UNREACHABLE", seconds: 30));
        // The same store before it was restored: another source, and no second name.
        status.Behind.Add(Held("municipalities", "GM0344", "SERVICE_UNREACHABLE", seconds: 40));
        status.Parked.Add(new ParkedCount { Municipality = "", Count = 2, Oldest = Ago(TimeSpan.FromDays(2)) });
        status.Quarantined.Add(new QuarantinedStore { Store = "uwv/GM0363", Why = "The file is damaged." });
        status.Lost.Add(new LostEvents { Municipality = "GM0363", Source = "urn:x", FromSequence = 5, ToSequence = 9 });

        var findings = Diagnosis.Of([Seen(status) with { Health = "NOT_SERVING", Skew = TimeSpan.FromSeconds(-37) }]);
        Assert.Equal(
            ["UNHEALTHY", "CLOCK_SKEW", "BROKER_UNREACHABLE", "EVENTS_WAITING", "SOURCE_BEHIND", "EVENTS_PARKED", "EVENTS_LOST", "STORE_QUARANTINED", "DISK_LOW"],
            findings.Select(finding => finding.Code));
        Assert.All(findings, finding => Assert.True(finding.Cause.EndsWith('.') && finding.Remedy.EndsWith('.')));
        Assert.Equal("Its clock is 37 s behind this machine's.", Cause("CLOCK_SKEW"));
        Assert.Equal("It cannot reach its broker: Connection refused.", Cause("BROKER_UNREACHABLE"));
        Assert.Equal("3 events wait for the broker, the oldest for 1 h 2 min.", Cause("EVENTS_WAITING"));
        Assert.Equal(
            "It waits to apply what municipalities told of GM0344, GM0363, for 1 min 30 s: each try ends with SERVICE_UNREACHABLE.",
            Cause("SOURCE_BEHIND"));
        Assert.Equal(
            "Start municipalities, or who else uwv must ask about these events: bw status says who does not answer. "
            + "Then uwv goes on by itself; no event is lost.",
            Found("SOURCE_BEHIND").Remedy);
        Assert.Equal(("uwv/platform", "2 events failed for good, the first 2 d 0 h ago."), (Found("EVENTS_PARKED").Where, Cause("EVENTS_PARKED")));
        Assert.Equal("bw parked list platform --service uwv; mend the cause, then bw parked requeue, or drop.", Found("EVENTS_PARKED").Remedy);
        Assert.Contains("bw restore GM0363 --service uwv --reason damaged.", Found("STORE_QUARANTINED").Remedy, StringComparison.Ordinal);

        Finding Found(string code) => findings.Single(finding => finding.Code == code);
        string Cause(string code) => Found(code).Cause;
    }

    [Theory]
    [InlineData("STORE_QUARANTINED", "Restore the store of uwv or insight that bw doctor names as STORE_QUARANTINED.")]
    [InlineData("STORAGE_FULL", "Make room where the stores of uwv are.")]
    [InlineData("TENANT_SUSPENDED", "Resume the municipality (bw tenants resume) when it may go on.")]
    [InlineData("SqliteException", "Mend what the log of uwv says of this fault.")]
    public void What_waits_for_another_says_what_to_mend_by_what_fails(string fault, string remedy)
    {
        var status = Well();
        for (var i = 1; i <= 7; i++) status.Behind.Add(Held("insight", $"GM000{i}", fault, seconds: 1));
        var found = Assert.Single(Diagnosis.Of([Seen(status)]));
        Assert.StartsWith(remedy, found.Remedy, StringComparison.Ordinal);
        Assert.Contains("of GM0001, GM0002, GM0003, GM0004, GM0005 and 2 more,", found.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "", "SERVICE_UNREACHABLE")]
    [InlineData(1, "NOT_AUTHENTICATED", "TOKEN_REFUSED")]
    [InlineData(1, "KIND_NOT_ALLOWED", "NOT_AN_OPERATOR")]
    [InlineData(1, "UNEXPECTED", "SERVICE_REFUSES")]
    public void Who_does_not_say_how_it_stands_is_a_finding(int exitCode, string reason, string code) =>
        Assert.Equal(code, Assert.Single(Diagnosis.Of([Seen(null) with { Failure = new Failure(exitCode, "It failed.") { Reason = reason } }])).Code);

    [Fact]
    public void A_broker_that_only_the_health_knows_to_be_away_is_found() =>
        Assert.Equal("BROKER_UNREACHABLE", Assert.Single(Diagnosis.Of([Seen(null) with { Broker = "NOT_SERVING" }])).Code);

    [Fact]
    public void Versions_that_differ_are_told_by_service()
    {
        var newer = Well();
        newer.Version = "1.1";
        var found = Assert.Single(Diagnosis.Of([Seen(Well()), Seen(newer) with { Service = "insight" }]));
        Assert.Equal(("VERSIONS_DIFFER", "uwv run 1.0; insight run 1.1."), (found.Code, found.Cause));
    }

    private static Observation Seen(GetStatusResponse? status) => new("uwv", Address, "SERVING", null, status, TimeSpan.Zero, null);

    private static GetStatusResponse Well() => new() { Service = "uwv", Time = Timestamp.FromDateTimeOffset(Now), Broker = new BrokerStatus { Used = true }, FreeBytes = Diagnosis.LeastFree, Version = "1.0" };

    private static BehindSource Held(string service, string origin, string fault, int seconds) => new()
    {
        Service = service, Origin = origin, Fault = fault, HeldBackSince = Ago(TimeSpan.FromSeconds(seconds)),
    };

    private static Timestamp Ago(TimeSpan span) => Timestamp.FromDateTimeOffset(Now - span);
}
