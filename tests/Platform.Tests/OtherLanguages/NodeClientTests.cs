using BeschutWerk.Identity;
using BeschutWerk.Platform.Tests.Municipalities;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace BeschutWerk.Platform.Tests.OtherLanguages;

/// <summary>
/// A client in another language (<c>tests/NodeClient</c>): only the protos, a client id and its secret. It gets a token,
/// reports a placement and follows the municipality's feed.
/// </summary>
public sealed class NodeClientTests(MunicipalityPlatform platform) : IClassFixture<MunicipalityPlatform>
{
    [Fact]
    public async Task A_Node_client_reports_a_placement_and_sees_it_on_the_feed()
    {
        var (caseId, offerId) = await platform.OfferedAsync();
        await platform.Cases().RespondToOfferAsync(MunicipalityPlatform.Respond(caseId, offerId));
        var requestId = MunicipalityPlatform.NewId();

        var seen = await NodeProgram.RunAsync("client.mjs", new
        {
            address = new Uri(platform.Options.GrpcAddress).Authority,
            authority = platform.Options.Authority,
            protos = Path.Combine(NodeProgram.Root, "artifacts", "protos"),
            municipality = MunicipalityPlatform.Amsterdam,
            company = Client("node-sw", OrganisationKind.Sw, MunicipalityPlatform.Company),
            gemeente = Client("node-gemeente", OrganisationKind.Municipality, MunicipalityPlatform.Amsterdam, MunicipalityPlatform.Amsterdam),
            requestId,
            report = new
            {
                case_id = caseId, offer_id = offerId, sector = "EMPLOYER_SECTOR_SW", workplace = "Groenvoorziening",
                start_on = new { year = 2018, month = 3, day = 5 }, minutes_per_week = 1500,
                contract_type = "CONTRACT_TYPE_PERMANENT", terms = "cao 8108", form = "PLACEMENT_FORM_INSIDE",
            },
        });

        Assert.Equal(requestId, seen.GetProperty("placement_id").GetString());
        Assert.True(seen.GetProperty("same").GetBoolean(), "the same request_id gives the same placement");
        Assert.Equal((int)StatusCode.InvalidArgument, seen.GetProperty("refused_code").GetInt32());
        Assert.Equal(requestId, seen.GetProperty("reported").GetString());
        Assert.NotEqual("", seen.GetProperty("resume_token").GetString());
        Assert.Contains("nl.participatiewet.beschut-werk.case-opened.v1", seen.GetProperty("seen").EnumerateArray().Select(type => type.GetString()));
    }

    private object Client(string id, OrganisationKind kind, string organisation, params string[] municipalities)
    {
        var registration = new ClientRegistration(id, kind, organisation, organisation, municipalities);
        return new { id, secret = platform.App.Services.GetRequiredService<Clients>().RegisterAll([registration], renewSecret: _ => true)[0].NewSecret };
    }
}
