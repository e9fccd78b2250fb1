import software.amazon.awssdk.services.sts.StsClient;

/** An application that uses the AWS SDK for Java and knows nothing of its surroundings: prints who it is. */
public class WhoAmI {
    public static void main(String[] arguments) {
        try (StsClient sts = StsClient.create()) {
            System.out.println("{\"arn\":\"" + sts.getCallerIdentity().arn() + "\"}");
        }
    }
}
