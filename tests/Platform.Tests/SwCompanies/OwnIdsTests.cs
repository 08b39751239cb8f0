using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.SwCompanies;
using Grpc.Core;
using static BeschutWerk.Platform.Tests.SwCompanies.SwPlatform;

namespace BeschutWerk.Platform.Tests.SwCompanies;

/// <summary>A placement's id is its reporter's own: what another company used it for is neither told nor touched.</summary>
public sealed class OwnIdsTests(SwPlatform platform) : IClassFixture<SwPlatform>
{
    [Fact]
    public async Task An_id_that_another_company_used_is_as_good_as_any()
    {
        var (_, id) = await platform.PlacedAsync();
        var theirs = await platform.GetAsync(id);
        var report = Request(await platform.AcceptedAsync(company: Zuid));
        var fresh = await platform.AsCompany(Zuid).ReportPlacementAsync(Request(await platform.AcceptedAsync(company: Zuid)));
        report.RequestId = id;

        var placed = await platform.AsCompany(Zuid).ReportPlacementAsync(report);
        Assert.Equal((id, fresh.Version), (placed.PlacementId, placed.Version));
        Assert.Equal(placed, await platform.AsCompany(Zuid).ReportPlacementAsync(report));
        var own = await platform.GetAsync(id, Zuid);
        Assert.Equal((id, Zuid, report.Report), (own.PlacementId, own.CompanyId, own.Report));

        // Each changes and ends its own.
        await platform.AsCompany(Zuid).AmendPlacementAsync(new AmendPlacementRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), PlacementId = id, FromOn = Start.AddDays(9).ToDate(), MinutesPerWeek = 600,
        });
        await platform.AsCompany(Zuid).EndPlacementAsync(End(id));
        Assert.Equal(3, (await platform.GetAsync(id, Zuid)).Version);
        Assert.Equal(theirs, await platform.GetAsync(id));
        await platform.AsCompany().EndPlacementAsync(End(id));
        Assert.Equal(3, (await platform.GetAsync(id, Zuid)).Version);

        // Also after a change it is the same report, and no other.
        Assert.Equal(placed, await platform.AsCompany(Zuid).ReportPlacementAsync(report));
        report.Report.MinutesPerWeek--;
        Assert.Equal(ErrorReason.RequestIdReused, (await RefusedAsync(platform.AsCompany(Zuid).ReportPlacementAsync(report))).Reason);
    }

    [Fact]
    public async Task The_municipality_sees_both_under_ids_of_their_own_and_the_company_its_own_in_order()
    {
        var (_, id) = await platform.PlacedAsync();
        var candidate = await platform.AcceptedAsync(company: Zuid);
        var before = await platform.CountAsync();
        var report = Request(candidate, Report(candidate, Start, Start.AddDays(4), 60));
        report.RequestId = id;
        await platform.AsCompany(Zuid).ReportPlacementAsync(report);
        var later = Request(candidate, Report(candidate, Start.AddDays(5), Start.AddDays(6), 60));
        await platform.AsCompany(Zuid).ReportPlacementAsync(later);
        Assert.Equal(before + 2, await platform.CountAsync());

        var listed = await ListAsync(platform.AsCompany(Zuid));
        Assert.Equal(listed.Order(StringComparer.Ordinal), listed);
        Assert.Equal([id, later.RequestId], listed.Where(found => found == id || found == later.RequestId));
        var all = await ListAsync(platform.AsMunicipality());
        Assert.Distinct(all);
        var kept = Assert.Single((await platform.AsMunicipality().ListPlacementsAsync(
            new ListPlacementsRequest { Municipality = Amsterdam, PageSize = 500 })).Placements, placement =>
            placement.Report.CaseId == candidate.CaseId && placement.PlacementId != later.RequestId);
        Assert.DoesNotContain(kept.PlacementId, listed);

        // What the municipality knows it by is nothing to any company.
        var get = new GetPlacementRequest { Municipality = Amsterdam, PlacementId = kept.PlacementId };
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(platform.AsCompany(Zuid).GetPlacementAsync(get))).Reason);
        Assert.Equal(Zuid, (await platform.AsMunicipality().GetPlacementAsync(get)).Placement.CompanyId);
    }

    [Fact]
    public async Task What_is_refused_is_refused_for_its_own_reason_whoever_used_the_id()
    {
        var (_, id) = await platform.PlacedAsync();
        foreach (var used in new[] { id, NewId() })
        {
            var strange = Request(new Candidate(Amsterdam, NewId(), NewId()));
            strange.RequestId = used;
            Assert.Equal(ErrorReason.NoAcceptedOffer, (await RefusedAsync(platform.AsCompany(Zuid).ReportPlacementAsync(strange))).Reason);
            var without = new ReportPlacementRequest(strange) { Municipality = Rotterdam };
            Assert.Equal(ErrorReason.NoContract, (await RefusedAsync(platform.AsCompany(Zuid).ReportPlacementAsync(without))).Reason);
        }
    }

    [Fact]
    public async Task An_id_of_its_own_is_used_also_where_the_report_is_refused_for_another_reason()
    {
        var (candidate, id) = await platform.PlacedAsync();
        var beside = Request(candidate, Report(candidate, Start, Start.AddDays(9), 901));
        Assert.Equal(ErrorReason.HoursExceedForty, (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(beside))).Reason);
        beside.RequestId = id;
        Assert.Equal(ErrorReason.RequestIdReused, (await RefusedAsync(platform.AsCompany().ReportPlacementAsync(beside))).Reason);
    }

    [Fact]
    public async Task In_bulk_it_is_the_same()
    {
        var (_, id) = await platform.PlacedAsync();
        var candidate = await platform.AcceptedAsync(company: Zuid);
        var item = new PlacementItem { PlacementId = id, Report = Report(candidate) };
        var other = new PlacementItem { PlacementId = id, Report = Report(candidate, Start, Start.AddDays(1)) };
        using var call = platform.AsCompany(Zuid).ReportPlacements(deadline: DateTime.UtcNow.AddSeconds(30));
        await call.RequestStream.SendAsync(new ReportPlacementsRequest { Municipality = Amsterdam, Items = { item, item, other } });
        var answers = new List<PlacementAnswer>();
        while (await call.ResponseStream.MoveNext(TestContext.Current.CancellationToken)) answers.AddRange(call.ResponseStream.Current.Answers);

        Assert.Equal([true, true, false], answers.Select(answer => answer.Accepted));
        Assert.Equal(ErrorReason.RequestIdReused, answers[2].Refusal.Reason);
        Assert.Equal([id, id, id], answers.Select(answer => answer.PlacementId));
        Assert.Equal(Zuid, (await platform.GetAsync(id, Zuid)).CompanyId);
    }

    private static EndPlacementRequest End(string placementId) => new()
    {
        Municipality = Amsterdam, RequestId = NewId(), PlacementId = placementId, LastDay = Start.AddDays(30).ToDate(), Reason = EndReason.Regular,
    };

    private static async Task<List<string>> ListAsync(PlacementService.PlacementServiceClient client)
    {
        var (ids, token) = (new List<string>(), "");
        do
        {
            var page = await client.ListPlacementsAsync(new ListPlacementsRequest { Municipality = Amsterdam, PageSize = 2, PageToken = token });
            ids.AddRange(page.Placements.Select(placement => placement.PlacementId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return ids;
    }
}
