import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The same signatures and ciphertexts from the Java classes the marketplace itself uses, written without a look at ours.
 *
 * Reads one question a line, an operation and its arguments in base64, separated by tabs; writes one answer a line.
 */
public class Reference {
    public static void main(String[] args) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] parts = line.split("\t", -1);
            List<byte[]> arguments = new ArrayList<>();
            for (String part : Arrays.asList(parts).subList(1, parts.length)) {
                arguments.add(Base64.getDecoder().decode(part));
            }
            System.out.println(answer(parts[0], arguments));
        }
    }

    private static String answer(String operation, List<byte[]> arguments) throws Exception {
        String key = text(arguments.get(0));
        switch (operation) {
            case "query":
                return query(key, arguments.subList(1, arguments.size()));
            case "body":
                return body(key, text(arguments.get(1)), text(arguments.get(2)), arguments.get(3));
            case "sync":
                return sync(key, text(arguments.get(1)), text(arguments.get(2)), text(arguments.get(3)));
            case "body_sign":
                return Base64.getEncoder().encodeToString(mac(key, arguments.get(1)));
            case "derive":
                return HexFormat.of().formatHex(derive(key, bits(arguments)).getEncoded());
            case "encrypt":
                return encrypt(key, bits(arguments), text(arguments.get(2)), arguments.get(3));
            case "decrypt":
                return decrypt(key, bits(arguments), text(arguments.get(2)));
            default:
                throw new IllegalArgumentException(operation);
        }
    }

    private static String query(String key, List<byte[]> pairs) throws Exception {
        TreeMap<String, String> parameters = new TreeMap<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            parameters.putIfAbsent(text(pairs.get(i)), text(pairs.get(i + 1)));
        }
        parameters.remove("authToken");
        List<String> joined = new ArrayList<>();
        parameters.forEach((name, value) -> joined.add(name + "=" + value));
        byte[] data = String.join("&", joined).getBytes(StandardCharsets.UTF_8);
        return Base64.getEncoder().encodeToString(mac(key + parameters.get("timeStamp"), data));
    }

    private static String body(String key, String nonce, String timestamp, byte[] body) throws Exception {
        String digest = HexFormat.of().formatHex(mac(key, body)).toLowerCase();
        byte[] canonical = (key + nonce + timestamp + digest).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().withUpperCase().formatHex(mac(key, canonical));
    }

    private static String sync(String key, String nonce, String timestamp, String payload) throws Exception {
        byte[] canonical = (key + nonce + timestamp + payload).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().withUpperCase().formatHex(mac(key, canonical));
    }

    private static String encrypt(String key, int bits, String iv, byte[] plain) throws Exception {
        byte[] encrypted = cipher(Cipher.ENCRYPT_MODE, key, bits, iv).doFinal(plain);
        return iv + Base64.getEncoder().encodeToString(encrypted);
    }

    private static String decrypt(String key, int bits, String value) throws Exception {
        byte[] encrypted = Base64.getDecoder().decode(value.substring(16));
        Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, bits, value.substring(0, 16));
        try {
            return Base64.getEncoder().encodeToString(cipher.doFinal(encrypted));
        } catch (BadPaddingException | IllegalBlockSizeException error) {
            return "refused";
        }
    }

    private static Cipher cipher(int mode, String key, int bits, String iv) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(mode, derive(key, bits), new IvParameterSpec(iv.getBytes(StandardCharsets.US_ASCII)));
        return cipher;
    }

    private static SecretKey derive(String key, int bits) throws Exception {
        SecureRandom random = SecureRandom.getInstance("SHA1PRNG", "SUN");
        random.setSeed(key.getBytes(StandardCharsets.UTF_8));
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(bits, random);
        return generator.generateKey();
    }

    private static byte[] mac(String key, byte[] data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static int bits(List<byte[]> arguments) {
        return Integer.parseInt(text(arguments.get(1)));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
