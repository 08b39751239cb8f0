using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using static BeschutWerk.Platform.Tests.Municipalities.MunicipalityPlatform;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Platform.Tests.Municipalities;

/// <summary>One answer names all that is wrong with a request about cases, and a refused one leaves nothing.</summary>
public sealed class AllViolationsTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task A_list_names_all_that_is_wrong_with_it()
    {
        var request = new ListCasesRequest { Municipality = Amsterdam, PageSize = -1, DiscrepancyKind = DiscrepancyKind.AdviceForUnknownCase };
        Assert.Equal(["discrepancy_kind", "page_size"], (await RefusedAsync(platform.Cases().ListCasesAsync(request))).Fields.Order());
        var first = new ListCasesRequest { Municipality = Amsterdam, PageSize = 1 };
        for (var i = 0; i < 2; i++) await platform.OpenedAsync();
        first.PageToken = (await platform.Cases().ListCasesAsync(first)).NextPageToken;
        first.DiscrepancyKind = DiscrepancyKind.AdviceForUnknownCase;
        Assert.Equal(["discrepancy_kind", "page_token"], (await RefusedAsync(platform.Cases().ListCasesAsync(first))).Fields.Order());
    }

    /// <summary>Without a person there is nobody whose other case could be joined: that needs no store.</summary>
    [Fact]
    public async Task A_correction_that_joins_without_a_person_names_all_that_is_wrong_with_it()
    {
        var request = new CorrectPersonRequest
        {
            Municipality = Amsterdam, RequestId = NewId(), CaseId = await platform.OpenedAsync(), JoinCaseId = NewId(), Benefit = Benefit.Wia, CorrectedOn = On(3, 1),
        };
        Assert.Equal(["join_case_id", "reason"], (await RefusedAsync(platform.Cases().CorrectPersonAsync(request))).Fields.Order());
    }

    [Fact]
    public async Task A_refused_call_changes_nothing_and_its_key_is_free()
    {
        var request = Open();
        (request.Person.Bsn, request.Source) = ("1", CandidateSource.Unspecified);
        Assert.Equal(["person.bsn", "source"], (await RefusedAsync(platform.Cases().OpenCaseAsync(request))).Fields.Order());
        var right = Open();
        right.RequestId = request.RequestId;
        Assert.False((await platform.Cases().OpenCaseAsync(right)).Existed);
        // What was answered once is answered again; with faults it is told them, or that the key is taken.
        var again = new OpenCaseRequest(right) { Source = CandidateSource.Unspecified };
        Assert.NotEqual(ErrorReason.Unspecified, (await RefusedAsync(platform.Cases().OpenCaseAsync(again))).Reason);
    }
}
